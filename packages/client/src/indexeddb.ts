// The door to outboxes in the browser's IndexedDB.

import { type Chance, type Clock, systemChance, systemClock } from '@tidings/core'
import { durable } from './durable.ts'
import type { DurableStorage } from './exchange.ts'
import { IndexedDbStorage } from './indexeddb/storage.ts'

export interface IndexedDbOptions {
  /** Of the database. Clients of one origin share what they find under the same name. Default `tidings`. */
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
  readonly chance?: Chance | undefined
}

/**
 * Keeps what a page writes until the server has it: through reloads, crashes and closed tabs.
 *
 * @example
 * const client = createClient({ outbox: { storage: indexedDbStorage() } })
 */
export function indexedDbStorage(options: IndexedDbOptions = {}): DurableStorage {
  const { name = 'tidings', clock = systemClock, chance = systemChance } = options
  return durable(new IndexedDbStorage(name, clock, chance))
}
