// What the process of a client tells about what its application is given, as values: everything that the checker knows
// about that client. What a killed process had not told yet, nobody knows; so nothing is held against it.

import type { Chained } from '../simulation/contract.ts'

/** How it speaks with the server: over a WebSocket, or over server-sent events and requests. */
export type Way = 'websocket' | 'sse'

/** What the process is started with. */
export interface ClientOrders {
  readonly name: string
  readonly url: string
  readonly way: Way
  /** Its first write has the number after this one. */
  readonly firstNumber: number
  /** Of the outbox; undefined: it lives in memory. */
  readonly outboxFile: string | undefined
  /** Between two writes, in milliseconds, on average. */
  readonly paceMs: number
  readonly seed: number
}

export type Note =
  /** A channel begins here, without anything before it. */
  | { readonly kind: 'fresh'; readonly channel: string; readonly position: string }
  | { readonly kind: 'reset'; readonly channel: string; readonly position: string; readonly reason: string }
  /** An entry, as the application was given it. */
  | { readonly kind: 'told'; readonly channel: string; readonly position: string; readonly n: number }
  /** A state, as the application was shown it. */
  | ({ readonly kind: 'shown'; readonly channel: string } & Chained)
  | { readonly kind: 'wrote'; readonly channel: string; readonly n: number }
  /** The outbox's storage has it. */
  | { readonly kind: 'stored'; readonly channel: string; readonly n: number }
  | { readonly kind: 'accepted'; readonly channel: string; readonly n: number; readonly position: string }
  | { readonly kind: 'refused'; readonly channel: string; readonly n: number; readonly code: string }

/** How the client is at the moment. */
export interface Look {
  readonly connection: string
  readonly pending: number
  readonly channels: readonly {
    readonly name: string
    readonly status: string
    readonly position: string | undefined
    readonly state: Chained | undefined
  }[]
}

export type FromClient =
  | { readonly notes: readonly Note[] }
  | { readonly look: Look; readonly asked: number }
  /** Something that the library reported: shown when a run fails. */
  | { readonly report: string }

export type ToClient =
  /** Writes nothing any more. */
  { readonly order: 'rest' } | { readonly order: 'look'; readonly asked: number }
