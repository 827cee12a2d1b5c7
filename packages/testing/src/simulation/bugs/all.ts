// Every planted bug. Each has to be found within 2,000 seeds, or the checker does not see what it should.

import type { Bug } from '../seams.ts'
import { clientBugs } from './client.ts'
import { logBugs } from './log.ts'
import { serverBugs } from './server.ts'
import { storageBugs } from './storage.ts'
import { tabBugs } from './tabs.ts'

export const bugs: readonly Bug[] = [...logBugs, ...serverBugs, ...clientBugs, ...tabBugs, ...storageBugs]

export function bugNamed(name: string | undefined): Bug | undefined {
  return bugs.find((bug) => bug.name === name)
}
