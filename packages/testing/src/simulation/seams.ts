// Where a piece of the shipped system meets the world, and a broken one can be put in its place. Shipped code has no
// switch for it: everything here is an argument that it takes anyway, or a message on its way.

import type { Broker, Limits } from '@tidings/server'
import type { Side } from './link.ts'

export interface Seams {
  /** A node's way to the log. */
  readonly broker?: ((broker: Broker) => Broker) | undefined
  /** What goes over one connection: made anew for each, so that it may remember. Returns what is sent instead. */
  readonly rewrite?: ((caller: string) => (from: Side, text: string) => readonly string[]) | undefined
  /** Bounds that are not kept. */
  readonly limits?: Partial<Limits> | undefined
}

/** A broken piece, under its name. */
export interface Bug {
  /** Lower case and hyphens. */
  readonly name: string
  readonly what: string
  /** For one world: what it remembers ends with it. */
  readonly plant: () => Seams
}
