// The root: puts the parts together and gives them the platform.

import type { AnyDefinition, Backoff, Chance, ChannelRef, Clock, TidingsError } from '@tidings/core'
import type { Channel } from './channel.ts'
import type { ConnectionState } from './connection.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { OutboxLimits, OutboxView } from './outbox.ts'
import type { Source } from './source.ts'
import type { Dial } from './websocket.ts'

export interface TokenRequest {
  /** Before a dial; because the server refused the last one; because the last one ends soon. */
  readonly reason: 'connect' | 'refused' | 'expiring'
  readonly signal: AbortSignal
}

export interface Breaker {
  /** Failures in a row until it opens. Default 10. */
  readonly failures: number
  /** While it is open, one probe in this time, in milliseconds. Default 60,000. */
  readonly pauseMs: number
}

export interface ClientOptions {
  /** `ws:`, `wss:`, `http:` or `https:`, or a path on the page's own server. Default `/v1/socket`. */
  readonly url?: string | URL | undefined
  /** Called before every dial, and when the server asks for a fresh token. Undefined stands for anonymous; a `TidingsError('unauthenticated')` for "not signed in", which ends the attempts. */
  readonly token?: ((request: TokenRequest) => string | undefined | Promise<string | undefined>) | undefined
  /** Secret name of this writer. Default: 22 random characters. */
  readonly producer?: string | undefined
  readonly backoff?: Partial<Backoff> | undefined
  /** Attempts in a row after which it gives up. Default: never. */
  readonly maxAttempts?: number | undefined
  /** From dialling to the server's welcome; also what a token may take. Milliseconds, default 10,000. */
  readonly connectTimeoutMs?: number | undefined
  /** The failures are forgotten after this long connected. Milliseconds, default 30,000. */
  readonly stableAfterMs?: number | undefined
  readonly breaker?: Partial<Breaker> | undefined
  readonly outbox?: Partial<OutboxLimits> | undefined
  /** Told of what was skipped and survived: malformed frames, entries that do not fit, listeners that threw. Default: `reportError`. */
  readonly onError?: ((error: TidingsError) => void) | undefined
  readonly clock?: Clock | undefined
  readonly chance?: Chance | undefined
  readonly dial?: Dial | undefined
  readonly lifecycle?: Lifecycle | undefined
}

/** A connection to one server. Inert until it is used or `connect()` is called. */
export interface Client {
  readonly connection: Source<ConnectionState>
  /** The channel of this name: the same object while anything holds it. */
  channel<D extends AnyDefinition>(ref: ChannelRef<D>): Channel<D>
  readonly outbox: OutboxView
  /** Asks for a connection, even with nothing subscribed. */
  connect(): void
  /** Hangs up until `connect()` or `reconnect()`. Writes wait in the outbox. */
  disconnect(): void
  /** Dials anew at once, whatever it was waiting for. */
  reconnect(): void
  /** Hangs up for good; what is still pending is refused. Nothing is called afterwards. */
  close(): void
}

export declare function createClient(options?: ClientOptions): Client
