// Every planted bug. Each has to be found within 2,000 seeds, or the checker does not see what it should.

import type { Bug } from '../seams.ts'
import { clientBugs } from './client.ts'
import { logBugs } from './log.ts'
import { serverBugs } from './server.ts'
import { storageBugs } from './storage.ts'
import { tabBugs } from './tabs.ts'

/** By where they are planted: as many groups as there are files of tests, which look for them side by side. */
export const bugGroups = {
  log: logBugs,
  server: serverBugs,
  pages: [...clientBugs, ...tabBugs, ...storageBugs],
} satisfies Readonly<Record<string, readonly Bug[]>>

export const bugs: readonly Bug[] = Object.values(bugGroups).flat()

export function bugNamed(name: string | undefined): Bug | undefined {
  return bugs.find((bug) => bug.name === name)
}
