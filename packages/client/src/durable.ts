// Makes a storage of one's own what `createClient({ outbox: { storage } })` takes: the door for whoever keeps outboxes
// elsewhere than in IndexedDB or a file.

import { Emitter, TidingsError } from '@tidings/core'
import type { Person } from './claims.ts'
import type { DurableStorage, Exchange } from './exchange.ts'
import { OutboxKeeper } from './keeper.ts'
import { readHead } from './record.ts'
import type { OutboxStorage } from './storage.ts'

export type { DurableStorage } from './exchange.ts'
export type { OutboxStorage, RecordChange, StoredRecord, StoredRow } from './storage.ts'

/** What an outbox may hold where it need not live in memory alone: a week offline of somebody who writes a lot. */
const limits = { maxMessages: 5_000, maxBytes: 10_000_000 }

export function durable(kept: OutboxStorage): DurableStorage {
  const storage = heldOnce(kept)
  const keepers = new Set<OutboxKeeper>()
  /** Of the client that was made last. */
  let newest: OutboxKeeper | undefined
  let report: Exchange['batch']['report'] | undefined
  let strays = 0
  const told = new Emitter<[]>((error) => report?.(error))
  const settle = async (isClaimed: boolean) => {
    if (newest?.heirs && newest.isConfirmed) return newest.heirs.settle(isClaimed && newest.person)
    throw new TidingsError('bad-request', 'There was no welcome yet, or the client is closed.')
  }
  return {
    limits,
    keep(exchange, user) {
      const show = (count: number) => {
        if (keeper !== newest || count === strays) return
        strays = count
        told.emit()
      }
      const keeper = new OutboxKeeper({ storage, exchange, user, show })
      keepers.add(keeper)
      newest = keeper
      report = exchange.batch.report
      show(0)
      return keeper
    },
    unclaimed: { get: () => strays, subscribe: (listener) => told.on(listener) },
    claim: () => settle(true),
    discard: () => settle(false),
    async wipe() {
      // Also nobody's.
      const people = new Set<Person>([undefined])
      for (const keeper of keepers) {
        if (!keeper.isClosed)
          throw new TidingsError('bad-request', 'Close the client first: its outbox is still in use.')
        // It was closed a moment ago, and may still be writing.
        await keeper.closed
        people.add(keeper.person)
        // [OB4] What is nobody's in other people's records.
        await keeper.claims.settle(false)
      }
      for (const { id, head } of await storage.list()) {
        if (!isMeant(head, people) || !(await storage.hold(id))) continue
        try {
          // A page may have been here meanwhile, and the server may have told it whose the record is.
          const record = await storage.read(id)
          if (record && isMeant(record.head, people)) await storage.commit([{ id, isOver: true }])
        } finally {
          storage.release(id)
        }
      }
    },
  }
}

/**
 * [OB5] Who has lost a record may not know it yet, and goes on writing to it. Storages know pages: one that gave the record to
 * this page again, for another part of it, would let both write. So a page takes up again only what it has let go of.
 */
function heldOnce(storage: OutboxStorage): OutboxStorage {
  const held = new Set<string>()
  return {
    isExclusive: storage.isExclusive,
    list: () => storage.list(),
    read: (id) => storage.read(id),
    commit: (changes) => storage.commit(changes),
    async hold(id) {
      if (held.has(id)) return false
      held.add(id)
      let isHeld = false
      try {
        return (isHeld = await storage.hold(id))
      } finally {
        if (!isHeld) held.delete(id)
      }
    },
    release(id) {
      held.delete(id)
      storage.release(id)
    },
  }
}

/** Also what can be read by nobody: the next page would show it. */
function isMeant(value: unknown, people: ReadonlySet<Person>): boolean {
  try {
    const head = readHead(value)
    return head !== undefined && people.has(head.user)
  } catch {
    return true
  }
}
