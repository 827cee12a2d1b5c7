// What happens in the server, as values: metrics and logs are made from these, and tests can read them.
// Reported once per broadcast or request, never once per delivery.

import type { ErrorCode, ResetReason } from '@tidings/core'

export type Happening =
  | { readonly name: 'connectionOpened' }
  /** `code`: the WebSocket close code. */
  | { readonly name: 'connectionClosed'; readonly code: number; readonly lastedMs: number }
  /** One of those who share a connection. */
  | { readonly name: 'laneOpened' }
  | { readonly name: 'laneClosed'; readonly code: number; readonly lastedMs: number }
  | {
      readonly name: 'welcomed'
      readonly connection: string
      readonly user: string | undefined
      readonly tookMs: number
    }
  /** A request that was refused. `what`: the frame's type, or the HTTP method. */
  | {
      readonly name: 'refused'
      readonly what: string
      readonly code: ErrorCode
      readonly channel: string | undefined
      readonly user: string | undefined
      /** A sentence for whoever runs the server, where the code alone does not say what to change. */
      readonly detail?: string | undefined
    }
  | { readonly name: 'subscribed'; readonly verdict: 'fresh' | 'resumed' | 'reset'; readonly channel: string }
  | { readonly name: 'unsubscribed'; readonly channel: string }
  | {
      readonly name: 'appended'
      readonly channel: string
      readonly entries: number
      readonly isDuplicate: boolean
      readonly tookMs: number
    }
  /** One batch handed to every live reader. `length`: UTF-16 units of the encoded frame. */
  | {
      readonly name: 'broadcast'
      readonly channel: string
      readonly entries: number
      readonly readers: number
      readonly length: number
    }
  | { readonly name: 'replayed'; readonly entries: number; readonly source: 'tail' | 'broker' }
  /** A live reader's buffer was full. */
  | { readonly name: 'fellBehind'; readonly channel: string }
  | { readonly name: 'caughtUp'; readonly channel: string }
  | { readonly name: 'reset'; readonly channel: string; readonly reason: ResetReason }
  /** An entry that the fold could not take in. */
  | { readonly name: 'skipped'; readonly channel: string; readonly offset: number; readonly reason: string }
  | {
      readonly name: 'presenceChanged'
      readonly channel: string
      readonly joined: number
      readonly left: number
    }
  | { readonly name: 'signalled'; readonly channel: string; readonly readers: number }
  | {
      readonly name: 'called'
      readonly channel: string
      readonly call: string
      readonly isFailed: boolean
      readonly tookMs: number
    }
  /** A fault of the server or of the application's own functions. */
  | { readonly name: 'fault'; readonly where: string; readonly error: unknown }

export type Observe = (happening: Happening) => void
