// What the parts of a client ask of its connection.

import type { Backoff, Chance, ClientFrame, Clock, TidingsError } from '@tidings/core'
import type { Requests } from './requests.ts'
import type { Batch } from './source.ts'

export interface Link {
  readonly clock: Clock
  readonly chance: Chance
  readonly backoff: Backoff
  readonly batch: Batch
  readonly requests: Requests
  readonly isOnline: boolean
  readonly isClosed: boolean
  /** A connection is needed from now on, unless the app said no. */
  want(): void
  /** Sends a frame, or its text, at the end of this turn; dropped when there is no connection. */
  send(frame: ClientFrame | string): void
  /** Asks for a last look at what has to be sent before this turn ends. */
  schedule(): void
  /** A state begins anew: it may hold what is queued here, if somebody else has taken it over and sent it. */
  doubt(): void
  report(error: TidingsError): void
}
