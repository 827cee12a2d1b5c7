// Own writes, from publish() until the server has answered: their numbers, order, bounds and fates. Decides what is sent
// next and what an answer means [PB1–PB5]; sends nothing itself, and keeps nothing beyond the page: that is a keeper's work.

import { type Backoff, backoffDelayMs, type Chance, type Position, TidingsError } from '@tidings/core'
import { type Batch, type Source, Value } from './source.ts'
import { type Draft, type Publication, Write, type Writer } from './write.ts'

export type StorageState =
  /** There is none: writes live as long as the page. */
  | { readonly name: 'none' }
  /** Not used yet, or on its way: what is written is in memory, and stored as soon as it is there. */
  | { readonly name: 'opening' }
  | { readonly name: 'ready' }
  /** It refuses, is full, or does not answer: writes live as long as the page, and are stored once it works again. */
  | { readonly name: 'failing'; readonly error: TidingsError }

/** The writes that have no final answer yet, oldest first. */
export interface OutboxView extends Source<readonly Publication[]> {
  readonly storage: Source<StorageState>
  /** Writes of earlier pages that were refused on this one, where nobody waited for their answer. The newest 100. */
  readonly refused: Source<readonly Publication[]>
  /** Drops those that were not sent yet: each is refused, and leaves the storage. Empties `refused`. Returns how many. */
  clear(): number
  /** Forgets one of `refused`. Does nothing for any other. */
  dismiss(write: Publication): void
}

export interface OutboxLimits {
  /** Writes that may wait for their answer. Default 500; with a storage 5,000. */
  readonly maxMessages: number
  /** Bytes of data that they may have together. Default 2,000,000; with a storage 10,000,000. */
  readonly maxBytes: number
  /**
   * How long a write may wait before it is refused, in milliseconds. Default 7 days. Longer than a server remembers who wrote
   * what (30 days), a write could take effect twice.
   */
  readonly maxAgeMs: number
  /** Writes that may be under way unanswered. Default 64. */
  readonly maxInFlight: number
}

export const defaultOutboxLimits: OutboxLimits = {
  maxMessages: 500,
  maxBytes: 2_000_000,
  maxAgeMs: 7 * 24 * 3_600_000,
  maxInFlight: 64,
}

/** Whoever keeps the writes beyond the page. */
export interface WriteKeeper {
  readonly state: StorageState
  /** A write was added, or its status has changed. */
  changed(write: Write): void
  /** Whether it may be sent now. When that changes, somebody has to ask the link for a turn. */
  maySend(write: Write): boolean
}

/** Under which name an outbox goes on, and what there is of it. */
export interface Beginning {
  /** Secret name of this writer. */
  readonly producer: string
  /** [PB5] */
  readonly epoch: number
  /** Its public name, where the server has said it before. */
  readonly you: string | undefined
  /** Writes that an earlier page has left, in order. */
  readonly kept: readonly Write[]
}

/**
 * [OB3] Numbers that one producer epoch has for itself in each channel: a page that goes on where another left off cannot know
 * every number that the other has used. At a thousand writes a second to one channel they last for 115 days.
 */
const NUMBERS_PER_EPOCH = 10_000_000_000
/** The last epoch of which all numbers are whole. */
export const LAST_EPOCH = Math.floor(Number.MAX_SAFE_INTEGER / NUMBERS_PER_EPOCH) - 1
const NO_STORAGE: StorageState = { name: 'none' }
/** Refused writes of earlier pages that are kept for the app to see. */
const MAX_REFUSED = 100

/** The writes to one channel. Kept as long as the client: the numbers go on. */
interface Lane {
  last: number
  /** The highest number that is known to be in the log. */
  accepted: number
  writes: Write[]
  /** Answers in a row that said "later". */
  pauses: number
  /** Monotonic milliseconds. */
  pausedUntil: number
}

export interface OutboxOptions {
  readonly limits: OutboxLimits
  readonly backoff: Backoff
  readonly chance: Chance
  readonly batch: Batch
}

/** When one frame may pass again there is room for one: waiting a little longer, in milliseconds, lets a bundle pass. */
const CALM_MS = 250

export class Outbox implements Writer {
  /** Secret name of this writer; drawn at the first dial where there is none. */
  producer: string | undefined
  producerEpoch = 0
  /** This client's public name, once the server has said it. */
  you: string | undefined
  keeper: WriteKeeper | undefined
  readonly batch: Batch
  readonly view: OutboxView
  readonly storage: Value<StorageState>
  readonly #options: OutboxOptions
  readonly #lanes = new Map<string, Lane>()
  readonly #list: Value<readonly Write[]>
  readonly #refusedList: Value<readonly Write[]>
  #writes: readonly Write[] = []
  /** Writes of earlier pages that somebody else sends for this client. */
  #others: readonly Write[] = []
  #refused: readonly Write[] = []
  #bytes = 0
  #inFlight = 0
  #pausedUntil = 0

  constructor(options: OutboxOptions) {
    this.#options = options
    this.batch = options.batch
    const { batch } = options
    this.#list = new Value(batch, () =>
      this.#others.length > 0 ? [...this.#others, ...this.#writes] : this.#writes,
    )
    this.#refusedList = new Value(batch, () => this.#refused)
    this.storage = new Value(batch, () => this.keeper?.state ?? NO_STORAGE)
    this.view = {
      get: this.#list.get,
      subscribe: this.#list.subscribe,
      storage: this.storage,
      refused: this.#refusedList,
      clear: () => this.#clear(),
      dismiss: (write) => this.#dismiss(write),
    }
  }

  /** Its own writes, in order. */
  get writes(): readonly Write[] {
    return this.#writes
  }

  /** Those of earlier pages, as `view.refused` has them. */
  get refused(): readonly Write[] {
    return this.#refused
  }

  /** For its writes: a status has changed. */
  changed(write: Write): void {
    this.keeper?.changed(write)
  }

  /** Goes on under this name. What was written here meanwhile, and never sent, is numbered anew behind what was kept. */
  begin({ producer, epoch, you, kept }: Beginning): void {
    const written = this.#writes
    this.producer = producer
    this.producerEpoch = epoch
    this.you = you
    this.#lanes.clear()
    this.#bytes = 0
    for (const write of kept) this.#append(write)
    for (const write of written) {
      write.sequence = this.#lane(write.channel).last + 1
      this.#append(write)
    }
    this.#setWrites([...kept, ...written])
  }

  /** Numbers the write and puts it at the end. `onChange` hears of every change of its status. Throws when the outbox is full. */
  add(draft: Draft, onChange: () => void): Write {
    const { maxMessages, maxBytes } = this.#options.limits
    this.expire(draft.at)
    if (this.#writes.length >= maxMessages || this.#bytes + draft.bytes > maxBytes) {
      const message = `The outbox is full: it holds ${this.#writes.length} of ${maxMessages} writes, ${this.#bytes} of ${maxBytes} bytes.`
      throw new TidingsError('unavailable', message, { channel: draft.channel })
    }
    const write = new Write(this, draft, this.#lane(draft.channel).last + 1)
    write.onChange = onChange
    this.#append(write)
    this.#setWrites([...this.#writes, write])
    this.changed(write)
    return write
  }

  /** Refuses what has waited for too long; what is on its way gets its answer. `now`: wall milliseconds. */
  expire(now: number): void {
    const { maxAgeMs } = this.#options.limits
    for (const write of this.#writes) {
      if (now - write.draft.at <= maxAgeMs) return
      const message = `It waited for longer than ${maxAgeMs} ms, and is not sent any more.`
      if (write.request === undefined)
        this.refuse(write, new TidingsError('timeout', message, { channel: write.channel }))
    }
  }

  /** The write that is to be sent now. `now`, here and below: monotonic milliseconds. */
  next(now: number): Write | undefined {
    if (this.#inFlight >= this.#options.limits.maxInFlight || now < this.#pausedUntil) return undefined
    const next = this.#writes.find(
      (write) => write.request === undefined && now >= this.#lane(write.channel).pausedUntil,
    )
    // Whoever keeps them keeps their order: where this one has to wait, the later ones have to as well.
    return next && this.keeper?.maySend(next) === false ? undefined : next
  }

  /** When to ask for the next one again; undefined where an answer has to come first. */
  wakeAt(now: number): number | undefined {
    let earliest: number | undefined
    for (const { request, channel } of this.#writes) {
      const until = Math.max(this.#pausedUntil, this.#lane(channel).pausedUntil)
      if (request === undefined && until > now) earliest = Math.min(until, earliest ?? until)
    }
    return earliest
  }

  sent(write: Write, request: number): void {
    const { writes, accepted } = this.#lane(write.channel)
    write.previous = writes[writes.indexOf(write) - 1]?.sequence ?? Math.min(accepted, write.sequence - 1)
    write.request = request
    this.#inFlight++
    if (write.status.get().name === 'queued') write.become({ name: 'sent' })
  }

  /** The log has it: the server said so, or its entry came back. */
  accepted(write: Write, position: Position, isDuplicate: boolean): void {
    const lane = this.#lane(write.channel)
    lane.accepted = Math.max(lane.accepted, write.sequence)
    lane.pauses = 0
    this.#remove(write)
    write.become({ name: 'accepted', position, isDuplicate })
  }

  /** The write of this number that still waits for its answer. */
  find(channel: string, sequence: number): Write | undefined {
    return this.#lanes.get(channel)?.writes.find((write) => write.sequence === sequence)
  }

  /** `last`: for a gap, the highest number that the log has. */
  failed(
    write: Write,
    error: TidingsError,
    { now, last = 0 }: { readonly now: number; readonly last?: number | undefined },
  ): void {
    if (error.retry === 'never') return this.refuse(write, error)
    const lane = this.#lane(write.channel)
    for (const later of lane.writes.slice(lane.writes.indexOf(write))) {
      // A log that has it from before takes what was sent behind it.
      if (later.request !== undefined) later.isDoubtful ||= write.isDoubtful
      this.#requeue(later)
    }
    // What came before it was refused, or the log lost it: this one is the first now. Each time the number is lower.
    if (error.code === 'sequence-gap' && write === lane.writes[0] && last < write.previous) {
      lane.accepted = last
      return
    }
    const { backoff, chance } = this.#options
    if (error.code === 'rate-limited') {
      this.#pausedUntil = now + Math.max(error.retryAfterMs ?? 0, CALM_MS)
    } else {
      lane.pausedUntil = now + (error.retryAfterMs ?? backoffDelayMs(backoff, ++lane.pauses, chance))
    }
  }

  /** The connection has ended: whatever is unanswered is sent again on the next one, first and in order. */
  dropped(): void {
    for (const write of this.#writes) {
      if (write.request !== undefined) write.isDoubtful = true
      write.request = undefined
    }
    this.#inFlight = 0
    this.#pausedUntil = 0
    for (const lane of this.#lanes.values()) {
      lane.pausedUntil = 0
      lane.pauses = 0
    }
  }

  /** [AU7] Under another name the numbers begin anew, and nothing that was written under the old one is sent. */
  rename(you: string): void {
    if (this.you === you) return
    if (this.you !== undefined) {
      this.refuseAll(
        new TidingsError(
          'forbidden',
          'The connection speaks for somebody else now; this was written before.',
        ),
      )
      for (const lane of this.#lanes.values()) lane.accepted = 0
    }
    this.you = you
    this.#setWrites([...this.#writes])
  }

  refuseAll(error: TidingsError): void {
    for (const write of this.#writes) this.refuse(write, error)
  }

  refuse(write: Write, error: TidingsError): void {
    this.#remove(write)
    write.become({ name: error.code === 'unconfirmed' ? error.code : 'refused', error })
  }

  /** Shows writes that are somebody else's to send. */
  show(others: readonly Write[]): void {
    this.#others = others
    this.#list.changed()
  }

  /** Shows refused writes for which nobody here has waited. */
  giveBack(refused: readonly Write[]): void {
    this.#refused = [...this.#refused, ...refused].slice(-MAX_REFUSED)
    this.#refusedList.changed()
  }

  #dismiss(write: Publication): void {
    this.#refused = this.#refused.filter((other) => other !== write)
    this.#refusedList.changed()
  }

  #clear(): number {
    const unsent = this.#writes.filter((write) => write.status.get().name === 'queued')
    this.batch.run(() => {
      for (const write of unsent)
        this.refuse(write, new TidingsError('bad-request', 'The outbox was cleared before this was sent.'))
      this.#refused = []
      this.#refusedList.changed()
    })
    return unsent.length
  }

  #append(write: Write): void {
    const lane = this.#lane(write.channel)
    // One from an earlier page may have a number of an earlier epoch.
    lane.last = Math.max(lane.last, write.sequence)
    lane.writes.push(write)
    this.#bytes += write.draft.bytes
  }

  /** Back to those that have to be sent. The answer that it waited for says nothing any more. */
  #requeue(write: Write): void {
    if (write.request === undefined) return
    write.request = undefined
    this.#inFlight--
    if (!write.isDoubtful) write.become({ name: 'queued' })
  }

  #remove(write: Write): void {
    const lane = this.#lane(write.channel)
    lane.writes = lane.writes.filter((other) => other !== write)
    if (write.request !== undefined) this.#inFlight--
    write.request = undefined
    this.#bytes -= write.draft.bytes
    this.#setWrites(this.#writes.filter((other) => other !== write))
  }

  #setWrites(writes: readonly Write[]): void {
    this.#writes = writes
    this.#list.changed()
  }

  #lane(channel: string): Lane {
    let lane = this.#lanes.get(channel)
    if (!lane)
      this.#lanes.set(
        channel,
        (lane = {
          last: this.producerEpoch * NUMBERS_PER_EPOCH,
          accepted: 0,
          writes: [],
          pauses: 0,
          pausedUntil: 0,
        }),
      )
    return lane
  }
}
