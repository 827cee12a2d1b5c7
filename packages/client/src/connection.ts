// Decides what the connection does next: dial, wait, greet, ping, give up, by kind of failure. Pure: it is told facts
// and answers with orders; driver.ts carries them out.

import type { TidingsError } from '@tidings/core'

interface Attempts {
  /** How often in a row the connection has failed. Back to 0 after `stableAfterMs` of being connected. */
  readonly attempt: number
  /** When the next dial is due, in wall milliseconds since 1970; undefined where none is planned. */
  readonly retryAt: number | undefined
}

/** Why there is no connection at the moment, although there shall be one. */
export type ReconnectReason =
  /** The link broke, or the server could not be reached. */
  | 'network'
  /** The device says that it has no network: dialled again as soon as it has. */
  | 'offline'
  /** The server closed the connection. */
  | 'server'
  /** The server goes away for a restart and said when to come back. */
  | 'draining'
  /** Nothing came any more, not even the answer to a ping. */
  | 'silent'
  /** The server refused the token: a fresh one is asked for. */
  | 'refused-credentials'
  /** Too much was sent, or too many connections are open. */
  | 'rate-limited'
  /** The device slept, and the link did not outlive it. */
  | 'woke'
  /** `reconnect()` was called. */
  | 'by-app'
  /** So many failures in a row that only a probe is sent now and then. */
  | 'breaker'

export type ConnectionState =
  /** No connection, and none is wanted: nothing uses the client yet, the app said so, or it was closed for good. */
  | ({ readonly status: 'disconnected'; readonly reason: 'idle' | 'by-app' | 'closed' } & Attempts)
  /** The first dial is under way. */
  | ({ readonly status: 'connecting'; readonly reason: 'first' } & Attempts)
  | ({
      readonly status: 'connected'
      readonly reason: 'ready'
      /** The server's name for this connection, as its logs have it. */
      readonly connection: string
      /** The public name under which others see this client's writes, presence and signals. */
      readonly you: string
      /** Who the server takes this client for; undefined for anonymous. */
      readonly user: string | undefined
      /** Wall milliseconds since 1970. */
      readonly since: number
      /** Round trip of the last ping, in milliseconds; undefined before the first. */
      readonly latencyMs: number | undefined
    } & Attempts)
  /** Dialling again, or waiting until `retryAt` (undefined: not planned, or under way). */
  | ({ readonly status: 'reconnecting'; readonly reason: ReconnectReason } & Attempts)
  /** Given up until `reconnect()`: trying the same again would fail the same. */
  | ({
      readonly status: 'error'
      readonly reason: 'refused-credentials' | 'policy' | 'version' | 'gave-up'
      readonly error: TidingsError
    } & Attempts)
