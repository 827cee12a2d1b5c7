// The promises of durable outboxes: what was stored takes effect, unless somebody was told that it does not, or the disk
// has lost it; and when all is well nothing is left on the disk.

import type { Browser } from './browser.ts'
import { isNobodys } from './nobodys.ts'
import type { OwnWrite } from './reading.ts'
import type { Tab } from './tab.ts'
import type { Unrest } from './violation.ts'
import type { World } from './world.ts'

/** [OB2] [OB6] What pages have left behind is sent by those that are open. */
export function unrestOfDisk({ tabs, shape }: World, browser: Browser): Unrest | undefined {
  if (!shape.disk) return undefined
  const people = new Set(tabs.filter((tab) => tab.browser === browser).map(({ person }) => person))
  for (const { id, head, rows } of browser.disk.records) {
    const { user } = head as { readonly user?: string }
    // [OB4] What is nobody's waits for who claims it.
    const own = rows.filter(({ order }) => !isNobodys(head, order))
    if (own.length === 0 || user === undefined || !people.has(user)) continue
    const message = `${browser.name} still has ${own.length} writes of ${user} on its disk, in ${id}`
    return { harm: 'lost', rule: 'OB6', message }
  }
  return undefined
}

/** [OB1] [OB2] [OB9] */
export function checkStored(world: World): void {
  for (const tab of world.allTabs) {
    if (!tab.page) continue
    for (const { name: channel, allWrites } of tab.readings.values()) {
      for (const write of allWrites) {
        if (!write.wasStored || isExcused(world, tab, channel, write)) continue
        const { ledger, complain } = world
        if (ledger.copies(channel, write.n).some((copy) => ledger.isCurrent(copy))) continue
        const { name } = write.publication.status.get()
        complain(
          'lost',
          'OB1',
          `${tab.name}, ${channel}: write ${write.n} was stored (${name}), and is not in the log`,
        )
      }
    }
  }
}

function isExcused({ ledger, authors, shape }: World, tab: Tab, channel: string, write: OwnWrite): boolean {
  const { n, publication, at } = write
  const { browser, isClosed } = tab
  const status = publication.status.get()
  // Somebody was told; of one that another page has taken over, nobody was told anything yet.
  if (authors.wasReturned(n) || (status.name === 'refused' && status.error.code !== 'fenced')) return true
  if (ledger.upheavals(channel) > 0) return true
  // A page that is open writes down again what the disk has lost; one that is gone cannot.
  if (browser.lostAt >= at && (isClosed || status.name === 'refused')) return true
  // [OB4] [OB5] The page had to leave its record before anybody could say whose it is, and nobody has claimed it.
  const hasLeft = isClosed || status.name === 'refused'
  return !shape.disk?.isNamed && hasLeft && at < tab.welcomeAt && !authors.wasClaimed(n)
}
