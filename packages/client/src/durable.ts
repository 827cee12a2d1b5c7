// Makes a storage of one's own what `createClient({ outbox: { storage } })` takes: the door for whoever keeps outboxes
// elsewhere than in IndexedDB or a file.

import type { DurableStorage } from './exchange.ts'
import { OutboxKeeper } from './keeper.ts'
import type { OutboxStorage } from './storage.ts'

export type { DurableStorage } from './exchange.ts'
export type { OutboxStorage, RecordChange, StoredRecord, StoredRow } from './storage.ts'

/** What an outbox may hold where it need not live in memory alone: a week offline of somebody who writes a lot. */
const limits = { maxMessages: 5_000, maxBytes: 10_000_000 }

export function durable(storage: OutboxStorage): DurableStorage {
  const keepers = new Set<OutboxKeeper>()
  return {
    limits,
    keep(exchange, user) {
      const keeper = new OutboxKeeper({ storage, exchange, user })
      keepers.add(keeper)
      return keeper
    },
    async wipe() {
      // Those that were closed a moment ago may still be writing.
      await Promise.all([...keepers].map(({ closed }) => closed))
      for (const { id } of await storage.list()) {
        if (!(await storage.hold(id))) continue
        await storage.commit([{ id, isOver: true }]).finally(() => storage.release(id))
      }
    },
  }
}
