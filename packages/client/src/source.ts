// A value that changes, and the way to hear of it. Sources change in batches: whatever one message from the server
// changes is told once per source, after the whole message has been worked off.

import type { Cancel } from '@tidings/core'

/** A value that changes. `get` and `subscribe` need no `this`: hand them to `useSyncExternalStore` as they are. */
export interface Source<out T> {
  /** The value now. The same object until it changes. */
  readonly get: () => T
  /** Calls `listener` after each change, without arguments: it asks `get`. */
  readonly subscribe: (listener: () => void) => Cancel
}
