// One channel's log in memory: entries, receipts and the snapshot. Synchronous; knows no listeners and no other channel.

import type { Position } from '@tidings/core'
import {
  type AppendIdentity,
  type AppendOutcome,
  type AppendRequest,
  type KeepRule,
  type LogHead,
  type ReadLimits,
  type ReadOutcome,
  resetReasonFor,
  type StoredEntry,
  type StoredSnapshot,
} from '../broker.ts'
import { entriesOf } from './history.ts'
import {
  type IdentityMemory,
  judgeProducer,
  type KeyIdentity,
  type ProducerIdentity,
  type Receipt,
  unknownProducer,
} from './identity.ts'
import { MemoryReceipts, type TimedReceipt } from './memory-receipts.ts'
import { isTrimDue, TRIM_EVERY, trimAtMost, trimLimit } from './retention.ts'

interface KeyReceipt extends TimedReceipt {
  readonly digest: string
}

interface Producer {
  epoch: number
  last: number
  receipts: MemoryReceipts
}

/** What an append did: the answer, and the entries where there are new ones. */
export interface Appended {
  readonly outcome: AppendOutcome
  readonly entries: readonly StoredEntry[]
}

export class MemoryLog {
  readonly #epoch: string
  readonly #memory: IdentityMemory
  #oldestOffset = 1
  #entries: StoredEntry[] = []
  /** The one that wrote longest ago comes first. */
  readonly #producers = new Map<string, Producer>()
  /** The last of them: who writes again need not be moved. */
  #lastProducer: Producer | undefined
  /** Oldest first. */
  readonly #keys = new Map<string, KeyReceipt>()
  snapshot: StoredSnapshot | undefined

  constructor(epoch: string, memory: IdentityMemory) {
    this.#epoch = epoch
    this.#memory = memory
  }

  get head(): LogHead {
    const newest = this.#entries.at(-1)
    return { position: this.#position(newest ?? { offset: 0, tag: '' }), oldestOffset: this.#oldestOffset }
  }

  append(request: AppendRequest, tags: readonly string[], at: number): Appended {
    const { drafts, identity, keep } = request
    const answer = identity && this.#answer(identity)
    if (answer) return { outcome: answer, entries: [] }

    const firstOffset = this.#oldestOffset + this.#entries.length
    const entries = entriesOf(request, tags, at, firstOffset)
    for (const entry of entries) this.#entries.push(entry)
    const { offset, tag } = entries[entries.length - 1] as StoredEntry
    if (identity) this.#remember(identity, { firstOffset, offset, tag, at })
    if (isTrimDue(firstOffset, offset, 0)) {
      this.trim(keep, at, drafts.length)
      this.#forgetProducers(at)
    }
    return {
      outcome: { outcome: 'appended', firstOffset, position: this.#position({ offset, tag }) },
      entries,
    }
  }

  read(after: Position | 'start', { maxEntries, maxLength }: ReadLimits): ReadOutcome {
    const { head } = this
    const reason =
      after === 'start' ? undefined : resetReasonFor(after, head, (offset) => this.#at(offset)?.tag)
    if (reason) return { outcome: 'reset', reason, head }
    const start = after === 'start' ? 0 : after.offset + 1 - this.#oldestOffset
    let length = 0
    let end = start
    while (end < this.#entries.length && end - start < maxEntries && length < maxLength) {
      length += (this.#entries[end] as StoredEntry).data.length
      end++
    }
    return { outcome: 'page', epoch: this.#epoch, entries: this.#entries.slice(start, end), head }
  }

  /** What an identity that is not new gets as its answer; nothing is written for it. */
  #answer(identity: AppendIdentity): AppendOutcome | undefined {
    return identity.kind === 'key' ? this.#answerKey(identity) : this.#answerProducer(identity)
  }

  #answerKey({ key, digest }: KeyIdentity): AppendOutcome | undefined {
    const receipt = this.#keys.get(key)
    if (!receipt) return undefined
    return receipt.digest === digest ? this.#duplicate(receipt) : { outcome: 'conflict' }
  }

  #answerProducer(identity: ProducerIdentity): AppendOutcome | undefined {
    const producer = this.#producers.get(identity.producer)
    const state = producer ?? unknownProducer
    const verdict = judgeProducer(state, identity)
    if (verdict === 'new') return undefined
    if (verdict === 'fenced') return { outcome: 'fenced', epoch: state.epoch }
    if (verdict === 'gap') return { outcome: 'gap', last: state.last }
    const receipt = producer?.receipts.get(identity.sequence)
    if (!producer || !receipt) return { outcome: 'skipped', last: state.last }
    // Who writes under a higher epoch has taken over, be it with something that the log has already.
    if (identity.epoch > producer.epoch) producer.epoch = identity.epoch
    return this.#duplicate(receipt)
  }

  #remember(identity: AppendIdentity, receipt: TimedReceipt): void {
    if (identity.kind === 'key') {
      this.#keys.set(identity.key, { ...receipt, digest: identity.digest })
      this.#forgetKeys(receipt.at)
      return
    }
    const { producer: name, epoch, sequence } = identity
    const producer = this.#producers.get(name) ?? { epoch, last: sequence, receipts: new MemoryReceipts() }
    if (sequence === 0) producer.receipts = new MemoryReceipts()
    producer.epoch = epoch
    producer.last = sequence
    producer.receipts.add(sequence, receipt)
    producer.receipts.forget(2, (offset, at) => this.#isForgotten(offset, receipt.at - at))
    if (producer === this.#lastProducer) return
    this.#producers.delete(name)
    this.#producers.set(name, producer)
    this.#lastProducer = producer
  }

  // What is remembered goes in order of age, two for each that comes: it shrinks, and no append pays for many.
  // Producers are looked at when entries are: a look at the map is what an append would notice.

  #forgetKeys(now: number): void {
    for (const [key, { at }] of first(this.#keys, 2)) {
      if (now - at > this.#memory.keyMs) this.#keys.delete(key)
    }
  }

  #forgetProducers(now: number): void {
    for (const [name, { receipts }] of first(this.#producers, 2 * TRIM_EVERY)) {
      const { newest } = receipts
      if (newest && this.#isForgotten(newest.offset, now - newest.at)) this.#producers.delete(name)
    }
  }

  #isForgotten(offset: number, ageMs: number): boolean {
    return offset < this.#oldestOffset && ageMs > this.#memory.producerMs
  }

  /** Lets go of what the rule does not keep. So many entries have `come` since the last look. */
  trim(keep: KeepRule, now: number, come = 0): void {
    const snapshot = this.snapshot?.position
    const limit = trimLimit(
      keep,
      this.head.position.offset,
      snapshot?.epoch === this.#epoch ? snapshot.offset : undefined,
    )
    const most = Math.min(limit + 1 - this.#oldestOffset, trimAtMost(come))
    let count = 0
    while (count < most && this.#isOld(this.#entries[count] as StoredEntry, keep, now)) count++
    if (count === 0) return
    this.#entries = this.#entries.slice(count)
    this.#oldestOffset += count
  }

  #isOld({ at }: StoredEntry, { ageMs }: KeepRule, now: number): boolean {
    return ageMs === undefined || now - at > ageMs
  }

  #at(offset: number): StoredEntry | undefined {
    return this.#entries[offset - this.#oldestOffset]
  }

  #duplicate({ firstOffset, offset, tag }: Receipt): AppendOutcome {
    return { outcome: 'duplicate', firstOffset, position: this.#position({ offset, tag }) }
  }

  #position({ offset, tag }: { readonly offset: number; readonly tag: string }): Position {
    return { epoch: this.#epoch, offset, tag }
  }
}

function first<Key, Value>(map: Map<Key, Value>, count: number): [Key, Value][] {
  return [...map.entries().take(count)]
}
