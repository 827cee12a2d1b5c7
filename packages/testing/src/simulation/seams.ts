// Where a piece of the shipped system meets the world, and a broken one can be put in its place. Shipped code has no
// switch for it: everything here is an argument that it takes anyway, or a message on its way.

import type { OutboxStorage } from '@tidings/client/durable'
import type { Browser, OncePerPerson } from '@tidings/client/tabs'
import type { Broker, Limits } from '@tidings/server'
import type { Side } from './link.ts'

/** What is sent instead of a message. */
export type Rewrite = (from: Side, text: string) => readonly string[]

export interface Seams {
  /** A node's way to the log. */
  readonly broker?: ((broker: Broker) => Broker) | undefined
  /** What goes over one connection: made anew for each, so that it may remember. Returns what is sent instead. */
  readonly rewrite?: ((caller: string) => Rewrite) | undefined
  /** What the platform gives a tab to find the others. */
  readonly browser?: ((browser: Browser) => Browser) | undefined
  /** Where a tab keeps its outbox. */
  readonly storage?: ((storage: OutboxStorage, person: string) => OutboxStorage) | undefined
  /** What decides in which tab something is done. */
  readonly once?: ((once: OncePerPerson) => OncePerPerson) | undefined
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
