// How big a simulated world is, and how tight its bounds: what a seed draws before anything happens in it. Plain data.

import type { Limits } from '@tidings/server'

/** Where the outboxes of a browser are kept. */
export interface DiskShape {
  /** Whether a frozen page keeps what it holds. */
  readonly isExclusive: boolean
  /** Whether the app says who is signed in. */
  readonly isNamed: boolean
  /** What one step of the storage takes, in milliseconds. */
  readonly latencyMs: number
}

export interface Shape {
  readonly seed: number
  readonly broker: 'memory' | 'cluster'
  readonly nodes: number
  /** For each tab, the person whose it is: two tabs may be one person's. */
  readonly tabs: readonly string[]
  /** For each tab, the browser whose it is, where the tabs of a browser share a connection; undefined: each is on its own. */
  readonly browsers?: readonly number[] | undefined
  /** What a message between tabs takes, in milliseconds. */
  readonly tabLatencyMs?: number | undefined
  /** Undefined: outboxes live as long as their tabs. */
  readonly disk?: DiskShape | undefined
  readonly channels: readonly string[]
  /** What tabs subscribe to at the beginning, by tab. */
  readonly subscribed: readonly (readonly string[])[]
  /** How long things happen before everything is made well, in milliseconds. */
  readonly lastsMs: number
  /** Typical latency between clients and nodes, and between nodes and the log, in milliseconds. */
  readonly latencyMs: number
  readonly logLatencyMs: number
  /** What the kernels hold of a connection, in bytes. */
  readonly windowBytes: number
  /** Life of a token in milliseconds; undefined: without end. */
  readonly tokenMs: number | undefined
  readonly outbox: { readonly maxMessages: number; readonly maxInFlight: number }
  readonly limits: Partial<Limits>
}
