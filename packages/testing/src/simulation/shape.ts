// How big a simulated world is, and how tight its bounds: what a seed draws before anything happens in it. Plain data.

import type { Limits } from '@tidings/server'

export interface Shape {
  readonly seed: number
  readonly broker: 'memory' | 'cluster'
  readonly nodes: number
  /** For each tab, the person whose it is: two tabs may be one person's. */
  readonly tabs: readonly string[]
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
