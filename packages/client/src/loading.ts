// The app's own `load`, without a race: the place in the log is taken first, entries that come meanwhile are held, and
// what it returns is handed out together with them.

import {
  type AnyDefinition,
  backoffDelayMs,
  type Position,
  type ResetReason,
  type StateOf,
  TidingsError,
} from '@tidings/core'
import { Alarm } from './alarm.ts'
import type { Link } from './link.ts'

/**
 * Brings a state from elsewhere, such as the app's own API. The place in the log is taken before it is called, and what
 * happens meanwhile is applied on top of what it returns, so nothing falls between. One that rejects is called again.
 */
export type Load<D extends AnyDefinition> = (request: LoadRequest) => Promise<{
  readonly state: StateOf<D>
  /** The place in the log that `state` stands for; without it, that of the request. */
  readonly position?: Position | undefined
}>

/** The load of any channel. */
export type AnyLoad = Load<AnyDefinition>

export interface LoadRequest {
  /** The place in the log when it was called. */
  readonly position: Position
  readonly reason: 'first' | ResetReason
  /** Aborted when the result is not wanted any more. */
  readonly signal: AbortSignal
}

export interface Loaded<Held> {
  readonly state: unknown
  readonly position: Position
  /** What came meanwhile, in order; undefined where it was too much to hold, or where the state is older than the first of it. */
  readonly held: readonly Held[] | undefined
}

/** The tag of a position whose entry is gone [SB13]: nobody can tell whether it was another one. */
const UNSEEN_TAG = '0'

/** Entries held during one load. More than that are read again from the log afterwards. */
const MAX_HELD = 1_000

export class Loading<Held extends { readonly entry: Pick<Position, 'offset' | 'tag'> }> {
  readonly #load: AnyLoad
  readonly #link: Link
  readonly #onLoaded: (loaded: Loaded<Held>) => void
  readonly #retry: Alarm
  #asked: Omit<LoadRequest, 'signal'> | undefined
  #abort: AbortController | undefined
  #held: Held[] | undefined = []
  /** In a row. That a load has succeeded says nothing yet: the log may not go on from what it brought. */
  #failures = 0
  #isPaused = false

  constructor(load: AnyLoad, link: Link, onLoaded: (loaded: Loaded<Held>) => void) {
    this.#load = load
    this.#link = link
    this.#onLoaded = onLoaded
    this.#retry = new Alarm(link.clock, () => void this.#run())
  }

  get isActive(): boolean {
    return this.#asked !== undefined
  }

  start(position: Position, reason: LoadRequest['reason']): void {
    this.stop()
    this.#asked = { position, reason }
    this.#isPaused = false
    void this.#run()
  }

  /** What it brought is no use: it is called again, not at once, and later each time in a row. */
  outdated(position: Position, reason: ResetReason): void {
    this.#end()
    this.#asked = { position, reason }
    this.#failed(misplaced())
  }

  hold(entry: Held): void {
    this.#held?.push(entry)
    if (this.#held && this.#held.length > MAX_HELD) this.#held = undefined
  }

  /** Without a connection a failed load is not tried again; one that is under way goes on. */
  pause(): void {
    this.#isPaused = true
    this.#retry.stop()
  }

  resume(): void {
    this.#isPaused = false
    if (this.isActive && !this.#abort && !this.#retry.isSet) void this.#run()
  }

  stop(): void {
    this.#end()
    this.#failures = 0
  }

  #end(): void {
    this.#abort?.abort()
    this.#retry.stop()
    this.#asked = this.#abort = undefined
    this.#held = []
  }

  async #run(): Promise<void> {
    const asked = this.#asked
    if (!asked) return
    const abort = (this.#abort = new AbortController())
    try {
      const { state, position = asked.position } = await this.#load({ ...asked, signal: abort.signal })
      if (abort !== this.#abort) return
      if (!this.#isAlong(position, asked.position)) throw misplaced()
      const held = position.offset < asked.position.offset ? undefined : this.#held
      this.#end()
      this.#onLoaded({ state, position, held })
    } catch (cause) {
      if (abort === this.#abort) this.#failed(cause)
    }
  }

  /** Whether it is of the history that the reader sees, as far as the reader has seen it. */
  #isAlong({ epoch, offset, tag }: Position, asked: Position): boolean {
    const held = this.#held?.find(({ entry }) => entry.offset === offset)
    const seen = offset === asked.offset ? asked.tag : held?.entry.tag
    return epoch === asked.epoch && (seen === undefined || seen === tag || seen === UNSEEN_TAG)
  }

  #failed(cause: unknown): void {
    const { backoff, chance } = this.#link
    this.#abort = undefined
    this.#failures++
    if (!this.#isPaused) this.#retry.set(backoffDelayMs(backoff, this.#failures, chance))
    this.#link.report(
      new TidingsError('unavailable', 'The app could not load the state of a channel; it is asked again.', {
        cause,
      }),
    )
  }
}

const misplaced = () => new Error('The log cannot go on from its position.')
