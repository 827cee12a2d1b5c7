// Outboxes in one file, for programs on Node. What is in it survives kills and power cuts; one process at a time has the
// file, and all clients of that process share it.

import { durable } from './durable.ts'
import type { DurableStorage } from './exchange.ts'
import { FileStorage } from './file/storage.ts'

export interface FileOptions {
  /** Made where it does not exist; its folder has to. Nobody but its owner may read it. */
  readonly path: string
}

/**
 * Keeps what a program writes until the server has it: through restarts, crashes and power cuts.
 *
 * @example
 * const client = createClient({ url, outbox: { storage: fileStorage({ path: 'outbox.tidings' }) } })
 */
export function fileStorage({ path }: FileOptions): DurableStorage {
  return durable(new FileStorage(path))
}
