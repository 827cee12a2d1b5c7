// The truth: every entry that any history of any channel ever had, and which of them still stands. Histories branch at
// a failover and end with their epoch; an entry knows its branch, so that one may ask whether a reader's past is real.

import { formatPosition, isSamePosition, type Position } from '@tidings/core'
import type { StoredEntry } from '@tidings/server'
import { chainOn, emptyChain, type Mark } from './contract.ts'
import type { Complain } from './violation.ts'

/** New entries, as nodes are told about them. */
export interface News {
  readonly channel: string
  /** What the entries follow. */
  readonly after: Position
  readonly entries: readonly StoredEntry[]
}

/** What the broker's store reports, in the order in which it happens. */
export interface Witness {
  appended(news: News): void
  /** What stood after `head` is gone. */
  rolledBack(channel: string, head: Position): void
  /** Entries before `oldestOffset` are gone. */
  trimmed(channel: string, oldestOffset: number): void
}

interface Branch {
  readonly parent: Branch | undefined
  /** The last offset that it shares with its parent. */
  readonly fork: number
}

export interface Recorded {
  readonly channel: string
  readonly position: Position
  readonly entry: StoredEntry | undefined
  /** Its number; undefined before the first entry. */
  readonly n: number | undefined
  readonly previous: Recorded | undefined
  /** What the state of the whole history up to here is marked by. */
  readonly count: number
  readonly chain: number
  readonly branch: Branch
}

interface ChannelRecord {
  head: Recorded | undefined
  readonly byPosition: Map<string, Recorded>
  readonly byNumber: Map<number, Recorded[]>
  readonly byChain: Map<string, Recorded[]>
  /** The newest entry of each producer in the current history, with those before it. */
  readonly byProducer: Map<string, Recorded[]>
  /** The highest offset that was ever let go of, by trimming. */
  oldestOffset: number
  /** Epochs and branches so far: how often history was not simply continued. */
  upheavals: number
}

export class Ledger implements Witness {
  readonly #channels = new Map<string, ChannelRecord>()
  readonly #complain: Complain
  readonly #orderOf: (n: number) => unknown
  #appended = 0

  /** `orderOf`: writes of one producer keep their order among those for which this is the same. */
  constructor(complain: Complain, orderOf: (n: number) => unknown = () => undefined) {
    this.#complain = complain
    this.#orderOf = orderOf
  }

  /** Entries so far, in all histories. */
  get entries(): number {
    return this.#appended
  }

  appended({ channel, after, entries }: News): void {
    const record = this.#record(channel)
    let previous = this.#standing(record, channel, after)
    for (const entry of entries) {
      this.#appended++
      previous = this.#add(record, channel, previous, entry)
    }
  }

  rolledBack(channel: string, head: Position): void {
    const record = this.#record(channel)
    const last = record.byPosition.get(formatPosition(head))
    if (last && last === record.head) return
    record.upheavals++
    if (!last) return void (record.head = undefined)
    // The entry stays; only what follows it is on another branch from now on.
    record.head = { ...last, branch: { parent: last.branch, fork: last.position.offset } }
    record.byPosition.set(formatPosition(head), record.head)
  }

  trimmed(channel: string, oldestOffset: number): void {
    const record = this.#record(channel)
    record.oldestOffset = Math.max(record.oldestOffset, oldestOffset)
  }

  /** The entry at a position; also the beginning of a history that was written to. */
  at(channel: string, position: Position): Recorded | undefined {
    return this.#record(channel).byPosition.get(formatPosition(position))
  }

  /** The entries of any history of this name that stood further on. */
  since(channel: string, { epoch, offset }: Position): readonly Recorded[] {
    return [...this.#record(channel).byPosition.values()].filter(
      ({ position }) => position.epoch === epoch && position.offset > offset,
    )
  }

  head(channel: string): Recorded | undefined {
    return this.#record(channel).head
  }

  oldestOffset(channel: string): number {
    return this.#record(channel).oldestOffset
  }

  upheavals(channel: string): number {
    return this.#record(channel).upheavals
  }

  /** Histories whose state looks like this. */
  withState(
    channel: string,
    { count, chain }: { readonly count: number; readonly chain: number },
  ): readonly Recorded[] {
    return this.#record(channel).byChain.get(`${count}:${chain}`) ?? []
  }

  /** The entries that a write became: one in each history that has it. */
  copies(channel: string, n: number): readonly Recorded[] {
    return this.#record(channel).byNumber.get(n) ?? []
  }

  /** Whether the history that stands now has the entry. */
  isCurrent(recorded: Recorded): boolean {
    const head = this.head(recorded.channel)
    return head !== undefined && isPastOf(recorded, head)
  }

  channels(): Iterable<string> {
    return this.#channels.keys()
  }

  #record(channel: string): ChannelRecord {
    let record = this.#channels.get(channel)
    if (!record) {
      record = {
        head: undefined,
        byPosition: new Map(),
        byNumber: new Map(),
        byChain: new Map(),
        byProducer: new Map(),
        oldestOffset: 1,
        upheavals: 0,
      }
      this.#channels.set(channel, record)
    }
    return record
  }

  /** What new entries follow: the head, or the beginning of a new history. */
  #standing(record: ChannelRecord, channel: string, after: Position): Recorded {
    const head = record.head
    if (head && isSamePosition(head.position, after)) return head
    if (after.offset > 0 || head?.position.epoch === after.epoch) {
      this.#complain(
        'silent',
        'BR1',
        `${channel} was continued after ${formatPosition(after)}, not after its head`,
      )
    }
    return this.#keep(record, {
      channel,
      position: after,
      entry: undefined,
      n: undefined,
      previous: undefined,
      count: 0,
      chain: emptyChain.chain,
      branch: { parent: undefined, fork: 0 },
    })
  }

  #add(record: ChannelRecord, channel: string, previous: Recorded, entry: StoredEntry): Recorded {
    const { n } = JSON.parse(entry.data) as Mark
    const { epoch } = previous.position
    const position = { epoch, offset: entry.offset, tag: entry.tag }
    if (entry.offset !== previous.position.offset + 1) {
      this.#complain('lost', 'BR1', `${channel} has ${entry.offset} after ${previous.position.offset}`)
    }
    const isFolded = entry.event === 'marked'
    const recorded = this.#keep(record, {
      channel,
      position,
      entry,
      n,
      previous,
      count: isFolded ? previous.count + 1 : previous.count,
      chain: isFolded ? chainOn(previous.chain, n) : previous.chain,
      branch: previous.branch,
    })
    record.head = recorded
    this.#checkOnce(record, recorded, n)
    this.#checkOrder(record, recorded)
    return recorded
  }

  #keep(record: ChannelRecord, recorded: Recorded): Recorded {
    record.byPosition.set(formatPosition(recorded.position), recorded)
    const key = `${recorded.count}:${recorded.chain}`
    const alike = record.byChain.get(key)
    if (alike) alike.push(recorded)
    else record.byChain.set(key, [recorded])
    return recorded
  }

  /** [A3] A write is in a history once. */
  #checkOnce(record: ChannelRecord, recorded: Recorded, n: number): void {
    const copies = record.byNumber.get(n) ?? []
    const twin = copies.find((copy) => isPastOf(copy, recorded))
    if (twin) {
      const places = `${formatPosition(twin.position)} and ${formatPosition(recorded.position)}`
      this.#complain('doubled', 'A3', `the write ${n} is in ${recorded.channel} at ${places}`)
    }
    record.byNumber.set(n, [...copies, recorded])
  }

  /** [A5] A producer's writes are in a history in the order of their numbers. */
  #checkOrder(record: ChannelRecord, recorded: Recorded): void {
    const { by, sequence } = recorded.entry as StoredEntry
    if (by === undefined || sequence === undefined) return
    let earlier = record.byProducer.get(by)
    if (!earlier) record.byProducer.set(by, (earlier = []))
    while (earlier.length > 0 && !isPastOf(earlier.at(-1) as Recorded, recorded)) earlier.pop()
    const last = earlier.at(-1)
    const lastSequence = last?.entry?.sequence ?? 0
    const order = this.#orderOf(recorded.n as number)
    const before = earlier.findLast(({ n }) => this.#orderOf(n as number) === order)
    if (sequence <= lastSequence || (before?.n ?? -1) >= (recorded.n as number)) {
      this.#complain(
        'reordered',
        'A5',
        `${by} has number ${sequence} (${recorded.n}) after ${lastSequence} (${before?.n}) in ${recorded.channel}`,
      )
    }
    earlier.push(recorded)
  }
}

/** Whether `past` is `later`, or an entry of the history that leads to it. */
export function isPastOf(past: Recorded, later: Recorded): boolean {
  if (past.position.epoch !== later.position.epoch || past.channel !== later.channel) return false
  const { offset } = past.position
  let limit = later.position.offset
  for (let branch: Branch | undefined = later.branch; branch; branch = branch.parent) {
    if (branch === past.branch) return offset <= limit
    limit = Math.min(limit, branch.fork)
  }
  return false
}
