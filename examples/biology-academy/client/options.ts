// What a WebSocketClient is made with: the academy's names and defaults, and what they are for Tidings.

import type { ClientOptions, Dial, Lifecycle } from '@tidings/client'
import type { Chance, Clock } from '@tidings/core'
import type { Message } from './messages.ts'

/** Where the messages come from. */
export type Source =
  /** A Tidings server: nothing is missed, everything is confirmed, and one sees who is there. */
  | 'tidings'
  /** A WebSocket server of the academy's own, which knows nothing of Tidings. */
  | 'plain'
  /** No server at all. */
  | 'mock'

export interface WebSocketClientOptions extends Callbacks {
  /** `ws:` or `wss:` (in production), or a path on the page's own server. */
  readonly url: string
  /** Asked before every dial, and again where the server refused it. In the first message; to a plain server, in the URL. */
  readonly token?: ClientOptions['token']
  /** What the server speaks. Default `tidings`. */
  readonly server?: 'tidings' | 'plain' | undefined
  /** Whose metrics and notifications are heard. Default `me`. */
  readonly userId?: string | undefined
  /** Whether to dial again after a drop. Default true. */
  readonly reconnect?: boolean | undefined
  /** Attempts in a row after which it gives up, until `reconnect()`. Default 5. */
  readonly reconnectAttempts?: number | undefined
  /** The longest that the first attempt waits; each further one half as long again, up to 30 s. Milliseconds, default 3,000. */
  readonly reconnectInterval?: number | undefined
  /** Between two pings to a plain server; a Tidings server says itself how often. Milliseconds, default 30,000. */
  readonly heartbeatInterval?: number | undefined
  /** From dialling until the server is there. Milliseconds, default 10,000. */
  readonly connectionTimeout?: number | undefined
  /** Whether what is sent while there is no connection waits for one: 100 messages at most. Default true. */
  readonly enableQueue?: boolean | undefined
  /** No server: messages of every type come every 5 s from within the page. Default false. */
  readonly enableMockMode?: boolean | undefined
  /** Logs each step. Default false. */
  readonly debug?: boolean | undefined
  readonly ports?: Ports | undefined
}

/** What a client tells whoever uses it. */
export interface Callbacks {
  readonly onConnect?: (() => void) | undefined
  readonly onDisconnect?: ((reason: string) => void) | undefined
  readonly onError?: ((error: Error) => void) | undefined
  /** Every message of every type. */
  readonly onMessage?: ((message: Message) => void) | undefined
}

/** What the platform gives, and a test may give in its place. */
export interface Ports {
  readonly clock?: Clock | undefined
  readonly chance?: Chance | undefined
  readonly lifecycle?: Lifecycle | undefined
  /** In place of the one that the source asks for. */
  readonly dial?: Dial | undefined
  /** Opens the sockets to a plain server. */
  readonly open?: Parameters<typeof import('@tidings/client/plain').plainDial>[0]['open']
  /** Where what is sent outlives the page. */
  readonly storage?: NonNullable<ClientOptions['outbox']>['storage']
  readonly log?: ((line: string) => void) | undefined
}

export const defaults = {
  server: 'tidings',
  userId: 'me',
  reconnect: true,
  reconnectAttempts: 5,
  reconnectInterval: 3_000,
  heartbeatInterval: 30_000,
  connectionTimeout: 10_000,
  enableQueue: true,
  enableMockMode: false,
  debug: false,
} as const satisfies Partial<WebSocketClientOptions>

const FACTOR = 1.5
const LONGEST_MS = 30_000
const QUEUED = 100

export function sourceOf({ server = defaults.server, enableMockMode }: WebSocketClientOptions): Source {
  return enableMockMode ? 'mock' : server
}

/** The same as Tidings names it. */
export function clientOptions({
  url,
  token,
  reconnect = defaults.reconnect,
  reconnectAttempts = defaults.reconnectAttempts,
  reconnectInterval = defaults.reconnectInterval,
  connectionTimeout = defaults.connectionTimeout,
  ports: { clock, chance, lifecycle, storage } = {},
}: WebSocketClientOptions): ClientOptions {
  return {
    url,
    token,
    backoff: { firstMs: reconnectInterval, factor: FACTOR, maxMs: LONGEST_MS },
    maxAttempts: reconnect ? reconnectAttempts : 0,
    connectTimeoutMs: connectionTimeout,
    outbox: { maxMessages: QUEUED, storage },
    ...{ clock, chance, lifecycle },
  }
}
