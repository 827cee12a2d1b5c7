// What a log is, in the fewest words: a list that only grows, and what was said to whom. Slow, forgets nothing, and
// written from SPEC.md alone, so that a broker which agrees with it is right for other reasons than being the same code.

import type { Position } from '@tidings/core'
import type {
  AppendIdentity,
  AppendOutcome,
  AppendRequest,
  LogHead,
  ReadLimits,
  ReadOutcome,
  StoredEntry,
  StoredSnapshot,
} from '@tidings/server'

interface Accepted {
  readonly firstOffset: number
  readonly offset: number
}

/** An outcome without its tag, which is the broker's choice. */
export type Expected =
  | ({ readonly outcome: 'appended' | 'duplicate' } & Accepted)
  | Exclude<AppendOutcome, { readonly firstOffset: number }>

type ProducerIdentity = Extract<AppendIdentity, { readonly kind: 'producer' }>

interface Producer {
  epoch: number
  readonly last: number
  readonly accepted: Map<number, Accepted>
}

export class LogModel {
  readonly #epoch: string
  readonly #entries: StoredEntry[] = []
  readonly #producers = new Map<string, Producer>()
  readonly #keys = new Map<string, Accepted & { readonly digest: string }>()
  /** The newest offset that any append so far has let go of. */
  #mayGo = 0
  snapshot: StoredSnapshot | undefined

  constructor(epoch: string) {
    this.#epoch = epoch
  }

  get entries(): readonly StoredEntry[] {
    return this.#entries
  }

  lastOf(producer: string): number {
    return this.#producers.get(producer)?.last ?? -1
  }

  epochOf(producer: string): number {
    return this.#producers.get(producer)?.epoch ?? 0
  }

  append(request: AppendRequest, at: number): Expected {
    const { identity, drafts, by } = request
    const answer =
      identity && (identity.kind === 'key' ? this.#knownKey(identity) : this.#knownNumber(identity))
    if (answer) return answer
    const firstOffset = this.#entries.length + 1
    for (const { event, data } of drafts) {
      const sequence = identity?.kind === 'producer' && by !== undefined ? identity.sequence : undefined
      this.#entries.push({ offset: this.#entries.length + 1, tag: '', event, data, at, by, sequence })
    }
    const accepted = { firstOffset, offset: this.#entries.length }
    if (identity) this.#remember(identity, accepted)
    this.#mayGo = Math.max(this.#mayGo, this.#letGo(request, at))
    return { outcome: 'appended', ...accepted }
  }

  /** Takes over the tags of entries from what the broker told of them. */
  learnTags(told: readonly StoredEntry[]): void {
    for (const { offset, tag } of told) {
      const entry = this.#entries[offset - 1]
      if (entry) this.#entries[offset - 1] = { ...entry, tag }
    }
  }

  outcomeOf(expected: Expected): AppendOutcome {
    if (!('firstOffset' in expected)) return expected
    const { outcome, firstOffset, offset } = expected
    return { outcome, firstOffset, position: this.position(offset) }
  }

  position(offset: number): Position {
    return { epoch: this.#epoch, offset, tag: this.#entries[offset - 1]?.tag ?? '' }
  }

  /** What is wrong with where the broker says that its log begins and ends. */
  problemOf({ position, oldestOffset }: LogHead, before: number): string | undefined {
    const { epoch, offset, tag } = this.position(this.#entries.length)
    if (position.epoch !== epoch || position.offset !== offset || position.tag !== tag)
      return 'the head is another one'
    if (oldestOffset < before) return 'what was trimmed came back'
    if (oldestOffset - 1 > this.#mayGo) return `only up to ${this.#mayGo} may be trimmed`
    return undefined
  }

  read(after: Position | 'start', { maxEntries, maxLength }: ReadLimits, head: LogHead): ReadOutcome {
    const { oldestOffset } = head
    const from = after === 'start' ? oldestOffset : after.offset + 1
    if (after !== 'start') {
      const reason = this.#resetReason(after, oldestOffset)
      if (reason) return { outcome: 'reset', reason, head }
    }
    const entries: StoredEntry[] = []
    let length = 0
    for (const entry of this.#entries.slice(from - 1)) {
      if (entries.length >= maxEntries || length >= maxLength) break
      entries.push(entry)
      length += entry.data.length
    }
    return { outcome: 'page', epoch: this.#epoch, entries, head }
  }

  #resetReason({ epoch, offset, tag }: Position, oldestOffset: number) {
    const last = this.#entries.length
    if (epoch !== this.#epoch) return 'epoch'
    if (offset > last) return 'ahead'
    // At the head nothing can be missing. Elsewhere the entry itself has to be there, or all from the first.
    const isKept = offset >= oldestOffset || (offset === 0 && oldestOffset === 1)
    if (offset < last && !isKept) return 'trimmed'
    return this.position(offset).tag === tag ? undefined : 'fork'
  }

  #knownKey({ key, digest }: Extract<AppendIdentity, { readonly kind: 'key' }>): Expected | undefined {
    const known = this.#keys.get(key)
    if (!known) return undefined
    const { firstOffset, offset } = known
    return known.digest === digest ? { outcome: 'duplicate', firstOffset, offset } : { outcome: 'conflict' }
  }

  #knownNumber({ producer: name, epoch, sequence, previous }: ProducerIdentity): Expected | undefined {
    const producer = this.#producers.get(name)
    if (!producer) return previous > -1 ? { outcome: 'gap', last: -1 } : undefined
    if (epoch < producer.epoch) return { outcome: 'fenced', epoch: producer.epoch }
    if (sequence === 0 && epoch > producer.epoch) return undefined
    if (previous > producer.last) return { outcome: 'gap', last: producer.last }
    if (sequence > producer.last) return undefined
    const accepted = producer.accepted.get(sequence)
    if (!accepted) return { outcome: 'skipped', last: producer.last }
    producer.epoch = epoch
    return { outcome: 'duplicate', ...accepted }
  }

  #remember(identity: AppendIdentity, accepted: Accepted): void {
    if (identity.kind === 'key') {
      this.#keys.set(identity.key, { ...accepted, digest: identity.digest })
      return
    }
    const { producer: name, epoch, sequence } = identity
    const known = sequence === 0 ? undefined : this.#producers.get(name)
    const receipts = known?.accepted ?? new Map<number, Accepted>()
    receipts.set(sequence, accepted)
    this.#producers.set(name, { epoch, last: sequence, accepted: receipts })
  }

  #letGo({ keep }: AppendRequest, now: number): number {
    const { ageMs, entries, sinceSnapshot } = keep
    let limit = this.#entries.length - entries
    if (sinceSnapshot) limit = Math.min(limit, this.snapshot?.position.offset ?? 0)
    if (ageMs === undefined) return limit
    const young = this.#entries.findIndex(({ at }) => now - at <= ageMs)
    return young === -1 ? limit : Math.min(limit, young)
  }
}
