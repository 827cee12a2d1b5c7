// The end of a turn of the event loop, once for the whole node: what the turn has brought is handed on first, to all who
// listen; then each connection writes what it was given, once. So an event and the answers beside it leave together.

import type { Clock } from '@tidings/core'

/** What gathers news during a turn: a feed, a room. */
export interface Gatherer {
  /** Hands on what was gathered. */
  handOn(): void
}

/** What gathers frames during a turn: the writing half of a connection. */
export interface Writer {
  flush(): void
}

export class Turn {
  readonly #clock: Clock
  readonly #report: (error: unknown) => void
  #gatherers: Gatherer[] = []
  #writers: Writer[] = []
  #isScheduled = false

  /** `report` hears what one of them threw: the others have their turn all the same. */
  constructor(clock: Clock, report: (error: unknown) => void) {
    this.#clock = clock
    this.#report = report
  }

  /** `gatherer` has news. At most once a turn. */
  gather(gatherer: Gatherer): void {
    this.#gatherers.push(gatherer)
    this.#schedule()
  }

  /** `writer` has frames. At most once a turn. */
  write(writer: Writer): void {
    this.#writers.push(writer)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#clock.endOfTurn(() => this.#end())
  }

  /** What is gathered meanwhile is for the next turn: nobody can keep the loop to itself. */
  #end(): void {
    this.#isScheduled = false
    const gatherers = this.#gatherers
    this.#gatherers = []
    for (const gatherer of gatherers) {
      try {
        gatherer.handOn()
      } catch (error) {
        this.#report(error)
      }
    }
    const writers = this.#writers
    this.#writers = []
    for (const writer of writers) {
      try {
        writer.flush()
      } catch (error) {
        this.#report(error)
      }
    }
  }
}
