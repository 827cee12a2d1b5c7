// What a mock is made of, in a page as on a port.

import type { Clock, Contract } from '@tidings/core'
import type { Authenticate, Authorize, CallHandlers, Limits, Observe } from '@tidings/server'
import type { Generators, ToJsonSchema } from './samples.ts'

export interface MockOptions<C extends Contract> {
  readonly contract: C
  /** Data for events by name; `false` for one that shall not happen by itself. Default: invented from the schemas. */
  readonly data?: Generators<C> | undefined
  /** For validators that do not tell JSON Schema themselves: Valibot's `toJsonSchema`, say. */
  readonly toJsonSchema?: ToJsonSchema | undefined
  /** Entries that a channel has when it is first opened. Default 0. */
  readonly history?: number | undefined
  /** In each such time one event of every kind happens in every channel that somebody follows. Milliseconds; default: never. */
  readonly everyMs?: number | undefined
  /** Another seed, other data. Default 1. */
  readonly seed?: number | undefined
  /** Who is there without a token. Default: somebody anonymous. */
  readonly user?: string | undefined
  /** Default: whoever the token names. */
  readonly authenticate?: Authenticate | undefined
  readonly authorize?: Authorize | undefined
  /** Default: answers are invented from the schemas. */
  readonly calls?: CallHandlers<C> | undefined
  readonly limits?: Partial<Limits> | undefined
  /** A `VirtualClock` for tests. Default: the system's. */
  readonly clock?: Clock | undefined
  readonly observe?: Observe | undefined
  /** Told what could not be invented, and what went wrong in the server. Default: `console.error`. */
  readonly report?: ((problem: unknown) => void) | undefined
}
