// What people decide about writes that are nobody's [OB4]: who may send which from then on, and which may be sent by nobody
// any more. What is nobody's is read from the disk, not asked of the client.

import type { DurableStorage } from '@tidings/client'
import type { OutboxDisk } from '../outbox-disk.ts'
import type { Authors } from './authors.ts'
import type { Browser } from './browser.ts'

export interface Decider {
  readonly person: string
  readonly browser: Browser
  readonly storage: DurableStorage
}

export interface DecisionOptions {
  readonly authors: Authors
  readonly isLogged: (n: number) => boolean
}

/** Claims what is nobody's, or discards it. Resolves with what came of it, in words. */
export async function decide(
  { person, browser, storage }: Decider,
  isClaimed: boolean,
  { authors, isLogged }: DecisionOptions,
): Promise<string> {
  const { lostAt } = browser
  const before = numbersOn(browser.disk).nobodys
  // It may be sent before the answer, as may be what comes to be there meanwhile.
  if (isClaimed) authors.claims(person, browser.name)
  const count = await (isClaimed ? storage.claim() : storage.discard())
  if (isClaimed) authors.claims(person, browser.name)
  const { all, nobodys } = numbersOn(browser.disk)
  // Of a disk that was wiped meanwhile nothing can be said.
  for (const n of browser.lostAt === lostAt ? before : []) {
    if (isClaimed && all.has(n) && !nobodys.has(n)) authors.claimed(n)
    if (!isClaimed && !all.has(n) && !isLogged(n)) authors.discarded(n)
  }
  return `${isClaimed ? 'claimed' : 'discarded'} ${count}`
}

/** Whether nobody is known to have written this row of a record with that head. */
export function isNobodys(head: unknown, order: number): boolean {
  const { user, strayFrom } = head as { readonly user?: string | null; readonly strayFrom?: number }
  return user === undefined || (strayFrom !== undefined && strayFrom > 0 && order >= strayFrom)
}

/** The writes on a disk, and those of them that are nobody's. */
function numbersOn(disk: OutboxDisk): Record<'all' | 'nobodys', ReadonlySet<number>> {
  const all = new Set<number>()
  const nobodys = new Set<number>()
  for (const { head, rows } of disk.records) {
    for (const { order, value } of rows) {
      const { text } = value as { readonly text?: string }
      // Damaged.
      if (text === undefined) continue
      const { n } = JSON.parse(text) as { readonly n: number }
      all.add(n)
      if (isNobodys(head, order)) nobodys.add(n)
    }
  }
  return { all, nobodys }
}
