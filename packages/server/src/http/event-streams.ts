// All event streams of the node: they are opened here, kept alive, asked again for their rights, and ended when a
// right ends or the server goes away. One timer serves them all.

import { type Cancel, type Chance, type ChannelRef, type Clock, TidingsError } from '@tidings/core'
import type { After } from '../cursor.ts'
import type { Hub } from '../hub.ts'
import type { Limits } from '../limits.ts'
import type { Observe } from '../observe.ts'
import type { Asker } from './asker.ts'
import { EventStream } from './event-stream.ts'
import type { StreamAnswer } from './exchange.ts'

export interface EventStreamsOptions {
  readonly hub: Pick<Hub, 'follow' | 'hasRoom'>
  readonly limits: Limits
  readonly clock: Clock
  readonly chance: Chance
  readonly observe: Observe
}

/** Proxies commonly give up on a connection after 30 or 60 silent seconds. */
const BEAT_MS = 15_000
/** A reader that has taken nothing for this long is let go. */
const STALLED_MS = 60_000

interface Row {
  readonly asker: Asker
  readonly ref: ChannelRef
  checkedAt: number
  /** Since when its buffer is full, by the monotonic clock. */
  fullSince: number | undefined
}

export class EventStreams {
  readonly #options: EventStreamsOptions
  readonly #streams = new Map<EventStream, Row>()
  readonly #beatMs: number
  #cancelBeat: Cancel | undefined
  #drainWindowMs: number | undefined

  constructor(options: EventStreamsOptions) {
    this.#options = options
    this.#beatMs = Math.min(BEAT_MS, options.limits.recheckMs)
  }

  get size(): number {
    return this.#streams.size
  }

  /** Resolves once the verdict is known, so that a log which cannot be read is an answer of its own. */
  async open(asker: Asker, ref: ChannelRef, after: After): Promise<StreamAnswer> {
    const { hub, clock, chance } = this.#options
    if (this.#drainWindowMs !== undefined) throw goingAway(this.#returnMs(this.#drainWindowMs))
    if (!hub.hasRoom) {
      throw new TidingsError('too-many-connections', 'This node has no room for another stream.', {
        retryAfterMs: 5_000,
      })
    }
    const stream = new EventStream({
      // Streams that end together should not come back together.
      retryMs: 1_000 + Math.round(2_000 * chance.fraction()),
      onClosed: (closed) => this.#forget(closed),
    })
    this.#streams.set(stream, { asker, ref, checkedAt: clock.monotonic(), fullSince: undefined })
    this.#cancelBeat ??= this.#scheduleBeat()
    try {
      stream.follow(await hub.follow({ channel: ref.name, after }, stream))
    } catch (error) {
      stream.closed()
      throw error
    }
    return {
      status: 200,
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      },
      open(sink) {
        stream.open(sink)
        return stream
      },
      abandon: () => stream.closed(),
    }
  }

  /** Ends the streams of a user; says how many there were. */
  revoke(user: string): number {
    const named = [...this.#streams].filter(([, { asker }]) => asker.user === user)
    for (const [stream] of named)
      stream.ended(new TidingsError('revoked', 'The right to be connected was taken away.'))
    return named.length
  }

  /** Ends every stream, each with a time of its own within the window at which to come back. */
  drain(windowMs: number): void {
    this.#drainWindowMs = windowMs
    for (const stream of [...this.#streams.keys()]) stream.ended(goingAway(this.#returnMs(windowMs)))
  }

  #returnMs(windowMs: number): number {
    return Math.round(windowMs * this.#options.chance.fraction())
  }

  #scheduleBeat(): Cancel {
    return this.#options.clock.setTimer(this.#beatMs, () => {
      this.#cancelBeat = this.#scheduleBeat()
      for (const [stream, row] of this.#streams) this.#beat(stream, row)
    })
  }

  #beat(stream: EventStream, row: Row): void {
    const { clock, limits } = this.#options
    const now = clock.monotonic()
    if (row.asker.expiresAt !== undefined && row.asker.expiresAt <= clock.now()) {
      return stream.ended(new TidingsError('token-expired', 'The token of this stream has ended.'))
    }
    row.fullSince = stream.isFull ? (row.fullSince ?? now) : undefined
    if (row.fullSince !== undefined && now - row.fullSince >= STALLED_MS) return stream.destroy()
    stream.beat()
    // The next beat would be too late [AU6].
    if (now + this.#beatMs - row.checkedAt <= limits.recheckMs) return
    row.checkedAt = now
    void this.#recheck(stream, row)
  }

  /** A right that cannot be asked for stays as it was: the next time decides. */
  async #recheck(stream: EventStream, { asker, ref }: Row): Promise<void> {
    try {
      if (await asker.may('subscribe', ref)) return
      stream.ended(
        new TidingsError('forbidden', `You may no longer read ${ref.name}.`, { channel: ref.name }),
      )
    } catch (error) {
      this.#options.observe({ name: 'fault', where: `authorizing a stream of ${ref.name}`, error })
    }
  }

  #forget(stream: EventStream): void {
    this.#streams.delete(stream)
    if (this.#streams.size > 0) return
    this.#cancelBeat?.()
    this.#cancelBeat = undefined
  }
}

function goingAway(retryAfterMs: number): TidingsError {
  return new TidingsError('draining', 'The server is going away.', { retryAfterMs })
}
