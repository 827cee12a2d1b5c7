// What the client asks of the platform it runs on, besides the time and chance of core.

import type { Cancel, Socket, SocketHandlers } from '@tidings/core'

/** Opens a connection. `drained` need not be called: the client sends little. */
export type Dial = (url: string, protocols: readonly string[], handlers: SocketHandlers) => Socket

/**
 * A socket that ends with this code has moved, to another tab say: nothing has failed, and it is dialled again at once.
 * Only between a `Dial` and its client: no close code on a wire is so high.
 */
export const MOVED = 5000
/** No connection can be made at all, and the same again would fail the same. Between a `Dial` and its client, too. */
export const IMPOSSIBLE = 5001

export type LifecycleHint =
  | 'online'
  | 'offline'
  | 'visible'
  | 'hidden'
  /** The page is put to sleep, with its timers and perhaps its connections. */
  | 'frozen'
  /** It is awake again, or came back out of the browser's history. */
  | 'resumed'

export interface Lifecycle {
  /** False only where the platform is sure that there is no network. */
  isOnline(): boolean
  subscribe(listener: (hint: LifecycleHint) => void): Cancel
}
