// Puts the parts together and gives them the platform. What a channel is, the root that calls decides.

import {
  type AnyDefinition,
  type Backoff,
  type Chance,
  type ChannelRef,
  type Clock,
  defaultBackoff,
  systemChance,
  systemClock,
  type TidingsError,
} from '@tidings/core'
import type { EventChannel } from './channel.ts'
import type { Breaker, ConnectionState } from './connection.ts'
import type { GetToken } from './driver.ts'
import { type DurableStorage, Exchange, type ExchangeOptions } from './exchange.ts'
import { platformLifecycle } from './lifecycle.ts'
import { defaultOutboxLimits, type OutboxLimits, type OutboxView } from './outbox.ts'
import type { Dial, Lifecycle } from './ports.ts'
import { reportToPlatform } from './report.ts'
import type { Source } from './source.ts'
import { dialWebSocket } from './websocket.ts'

export interface ClientOptions {
  /** `ws:`, `wss:`, `http:` or `https:`, or a path on the page's own server. Default `/v1/socket`. */
  readonly url?: string | URL | undefined
  /**
   * Called before every dial, and when the server asks for a fresh token. Undefined stands for anonymous; a
   * `TidingsError('unauthenticated')` for "not signed in", which ends the attempts until `reconnect()`.
   */
  readonly token?: GetToken | undefined
  readonly backoff?: Partial<Backoff> | undefined
  /** Attempts in a row after which it gives up. Default: never. */
  readonly maxAttempts?: number | undefined
  /** From dialling to the server's welcome; also what a token may take. Milliseconds, default 10,000. */
  readonly connectTimeoutMs?: number | undefined
  /** The failures are forgotten after this long connected, one of them after each sixth of it. Milliseconds, default 30,000. */
  readonly stableAfterMs?: number | undefined
  /** After so many failures in a row, only a probe now and then. Default: 10, and one in 60 s. */
  readonly breaker?: Partial<Breaker> | undefined
  readonly outbox?: OutboxOptions | undefined
  /** Told of what was skipped and survived: malformed frames, entries that do not fit, listeners that threw. Default: `reportError`. */
  readonly onError?: ((error: TidingsError) => void) | undefined
  readonly clock?: Clock | undefined
  readonly chance?: Chance | undefined
  readonly dial?: Dial | undefined
  readonly lifecycle?: Lifecycle | undefined
}

export interface OutboxOptions extends Partial<OutboxLimits> {
  /**
   * Where writes outlive the page: `indexedDbStorage()` of `@tidings/client/indexeddb`, `fileStorage()` of `@tidings/client/file`.
   * Default: nowhere.
   */
  readonly storage?: DurableStorage | undefined
  /**
   * Who is signed in, by the name that the server will welcome. Give it wherever people sign in: what is written before the first
   * welcome is then kept for this person and nobody else. Without it nobody knows whose that is. The page itself sends it; but
   * where the page ends, or loses its record, before it was ever welcome, it is sent for somebody who is not signed in, or when
   * somebody who is signed in has claimed it: see the storage's `unclaimed` [OB4].
   */
  readonly user?: string | undefined
}

/** A connection to one server. Inert until it is used or `connect()` is called. */
export interface EventClient {
  readonly connection: Source<ConnectionState>
  /** The channel of this name: the same object while anything holds it. */
  channel<D extends AnyDefinition>(ref: ChannelRef<D>): EventChannel<D>
  readonly outbox: OutboxView
  /** Asks for a connection, even with nothing subscribed. */
  connect(): void
  /** Hangs up until `connect()` or `reconnect()`. Writes wait in the outbox; calls under way are rejected. */
  disconnect(): void
  /** Dials anew at once, whatever it was waiting for. */
  reconnect(): void
  /** Hangs up for good. What is pending is refused, unless it is stored: then it waits for the next client. Nothing is called afterwards. */
  close(): void
}

export function assemble(options: ClientOptions, open: ExchangeOptions['open']): EventClient {
  const {
    url = '/v1/socket',
    token,
    clock = systemClock,
    chance = systemChance,
    maxAttempts = Number.POSITIVE_INFINITY,
    connectTimeoutMs = 10_000,
    stableAfterMs = 30_000,
    onError = reportToPlatform,
    dial = dialWebSocket,
    lifecycle = platformLifecycle,
  } = options
  const backoff = { ...defaultBackoff, ...options.backoff }
  const breaker = { failures: 10, pauseMs: 60_000, ...options.breaker }
  const rules = { backoff, maxAttempts, connectTimeoutMs, stableAfterMs, breaker }
  const { storage, user, ...limits } = options.outbox ?? {}
  const outbox = { ...defaultOutboxLimits, ...storage?.limits, ...limits }
  const exchange = new Exchange({
    url: String(url),
    token,
    rules,
    outbox,
    open,
    keep: storage && ((exchange) => storage.keep(exchange, user)),
    clock,
    chance,
    dial,
    lifecycle,
    report: (error) => tell(onError, error),
  })
  const { driver } = exchange
  return {
    connection: driver.connection,
    outbox: exchange.outbox.view,
    // A live channel serves any definition; that it is used as this one says is what the types are for.
    channel: <D extends AnyDefinition>(ref: ChannelRef<D>) =>
      exchange.channel(ref) as unknown as EventChannel<D>,
    connect: () => driver.tell({ type: 'connectAsked' }),
    disconnect: () => exchange.disconnect(),
    reconnect: () => driver.tell({ type: 'reconnectAsked' }),
    close: () => exchange.close(),
  }
}

function tell(onError: (error: TidingsError) => void, error: TidingsError): void {
  try {
    onError(error)
  } catch {
    reportToPlatform(error)
  }
}
