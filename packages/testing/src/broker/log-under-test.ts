// One log at a place of its own, opened as often as a test wants, under a wall clock that the test moves by hand.

import { type Clock, type Position, systemClock } from '@tidings/core'
import type {
  AppendIdentity,
  AppendOutcome,
  Broker,
  Draft,
  KeepRule,
  ReadLimits,
  StoredEntry,
} from '@tidings/server'

/** Where one log lives. */
export interface BrokerPlace {
  /** Called for one broker after another: the one before has been closed. */
  open(options: { readonly clock: Clock }): Promise<Broker>
  /** Called once, after the last broker was closed. */
  remove(): Promise<void>
}

/** What the suite has to know of a broker. */
export interface BrokerSubject {
  /** A place where nothing has been yet. */
  place(): Promise<BrokerPlace>
  /** Whether a log outlives the broker that wrote it. */
  readonly isDurable: boolean
  /** Entries that may stay beyond the retention's rule. Default 1,000. */
  readonly slack?: number
}

export const keepAll: KeepRule = { entries: 1_000_000, sinceSnapshot: false }

export interface AppendOptions {
  readonly identity?: AppendIdentity
  readonly by?: string
  readonly keep?: KeepRule
}

/** Who the tests write as: number `sequence` of a producer that was refused nothing, where `previous` says no other. */
export function producer(
  sequence: number,
  {
    name = 'p',
    epoch = 0,
    previous = sequence - 1,
  }: { name?: string; epoch?: number; previous?: number } = {},
): AppendIdentity {
  return { kind: 'producer', producer: name, epoch, sequence, previous }
}

export const key = (name: string, digest = 'digest'): AppendIdentity => ({ kind: 'key', key: name, digest })

/** The appended or duplicate part of an outcome; a test that gets another one fails. */
export function accepted(outcome: AppendOutcome): Extract<AppendOutcome, { readonly firstOffset: number }> {
  if ('firstOffset' in outcome) return outcome
  throw new Error(`Expected an accepted append; got ${JSON.stringify(outcome)}.`)
}

export class LogUnderTest {
  readonly #place: BrokerPlace
  #wall = Date.UTC(2026, 0, 1)
  #broker: Broker | undefined

  private constructor(place: BrokerPlace) {
    this.#place = place
  }

  static async at(subject: BrokerSubject): Promise<LogUnderTest> {
    const log = new LogUnderTest(await subject.place())
    await log.#open()
    return log
  }

  get broker(): Broker {
    return this.#broker as Broker
  }

  get now(): number {
    return this.#wall
  }

  /** Lets wall time pass, for what ages; nothing else waits for it. */
  pass(ms: number): void {
    this.#wall += ms
  }

  async reopen(): Promise<void> {
    await this.broker.close()
    await this.#open()
  }

  async remove(): Promise<void> {
    await this.broker.close()
    await this.#place.remove()
  }

  /** `data`: one draft each, as JSON. */
  async append(
    channel: string,
    data: readonly unknown[],
    options: AppendOptions = {},
  ): Promise<AppendOutcome> {
    const drafts: Draft[] = data.map((value) => ({ event: 'said', data: JSON.stringify(value) }))
    return this.broker.append({ channel, drafts, keep: keepAll, ...options })
  }

  /** One append after the other, with one draft each; the position of the last. */
  async fill(channel: string, count: number, options: AppendOptions = {}): Promise<Position> {
    const outcomes = await Promise.all(
      Array.from({ length: count }, (_, i) => this.append(channel, [i], options)),
    )
    return accepted(outcomes.at(-1) as AppendOutcome).position
  }

  /** The entries of a page; a reset fails the test. */
  async entries(
    channel: string,
    after: Position | 'start' = 'start',
    limits: Partial<ReadLimits> = {},
  ): Promise<readonly StoredEntry[]> {
    const page = await this.broker.read(channel, after, { ...wholeLog, ...limits })
    if (page.outcome === 'page') return page.entries
    throw new Error(`Expected a page; got a reset (${page.reason}).`)
  }

  /** The data of the kept entries, parsed. */
  async data(channel: string): Promise<readonly unknown[]> {
    return (await this.entries(channel)).map(({ data }) => JSON.parse(data))
  }

  async oldestOffset(channel: string): Promise<number> {
    return (await this.broker.head(channel)).oldestOffset
  }

  async #open(): Promise<void> {
    this.#broker = await this.#place.open({ clock: { ...systemClock, now: () => this.#wall } })
  }
}

export const wholeLog: ReadLimits = { maxEntries: 1_000_000, maxLength: 1_000_000_000 }
