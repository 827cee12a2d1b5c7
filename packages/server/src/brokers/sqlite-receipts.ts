// Who wrote what already, in tables beside the entries: answers an identity that comes again, and remembers a new one.
// What a producer writes in one commit is one row. Every call belongs to a transaction of the log.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { AppendIdentity } from '../broker.ts'
import { Recent } from '../recent.ts'
import {
  type IdentityMemory,
  judgeProducer,
  type KeyIdentity,
  type ProducerIdentity,
  type ProducerState,
  type Receipt,
  unknownProducer,
} from './identity.ts'
import { SqliteSweep } from './sqlite-sweep.ts'

/** What an identity that is not new is answered. */
export type Known =
  | ({ readonly outcome: 'duplicate' } & Receipt)
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'fenced'; readonly epoch: number }
  | { readonly outcome: 'gap' | 'skipped'; readonly last: number }

interface Producer extends ProducerState {
  readonly id: number
  epoch: number
  last: number
}

/** Receipts of one producer, lowest number first: a row, or what will be one. */
type Marks = [sequence: number, firstOffset: number, offset: number, tag: string][]

interface UnderWay {
  readonly marks: Marks
  at: number
}

/** Producers whose state is at hand without a look into the file: some 4 MB. */
const PRODUCERS_AT_HAND = 16_384

export class SqliteReceipts {
  readonly #sql: ReturnType<typeof prepare>
  readonly #sweep: SqliteSweep
  /** By channel and name. */
  readonly #producers = new Recent<string, Producer>(PRODUCERS_AT_HAND)
  /** Of the transaction under way, by producer, in order of arrival. */
  readonly #underWay = new Map<number, UnderWay>()
  #keysCome = 0
  /** When the newest of them came. */
  #newestAt = 0

  constructor(db: DatabaseSync, memory: IdentityMemory) {
    this.#sql = prepare(db)
    this.#sweep = new SqliteSweep(db, memory, (channel, name) =>
      this.#producers.delete(nameOf(channel, name)),
    )
  }

  /**
   * Undefined for an identity that is new. Writes nothing, but for the epoch of a producer that has taken over.
   * `channel` is undefined where the log has not heard of it.
   */
  answer(channel: number | undefined, identity: AppendIdentity): Known | undefined {
    return identity.kind === 'key'
      ? this.#answerKey(channel, identity)
      : this.#answerProducer(channel, identity)
  }

  remember(
    channel: number,
    identity: AppendIdentity,
    { firstOffset, offset, tag }: Receipt,
    at: number,
  ): void {
    this.#newestAt = at
    if (identity.kind === 'key') {
      this.#sql.putKey.run(channel, identity.key, identity.digest, firstOffset, offset, tag, at)
      this.#keysCome++
      return
    }
    const { id } = this.#advance(channel, identity)
    const mark: Marks[number] = [identity.sequence, firstOffset, offset, tag]
    const underWay = this.#underWay.get(id)
    if (!underWay) return void this.#underWay.set(id, { marks: [mark], at })
    underWay.marks.push(mark)
    underWay.at = Math.max(underWay.at, at)
  }

  /** Writes what was remembered since, as has to be done before the transaction ends. */
  flush(): void {
    for (const [producer, { marks, at }] of this.#underWay) {
      const [sequence, , offset] = marks.at(-1) as Marks[number]
      this.#sql.putReceipts.run(producer, sequence, offset, at, JSON.stringify(marks))
    }
    const come = this.#underWay.size + this.#keysCome
    this.#underWay.clear()
    this.#keysCome = 0
    this.#sweep.goOn(come, this.#newestAt)
  }

  /** Takes back receipts of entries that were never acknowledged. */
  retract(channel: number, afterOffset: number): void {
    this.#sql.retractReceipts.run(channel, afterOffset)
    this.#sql.retractKeys.run(channel, afterOffset)
    this.forgetStates()
  }

  /** What is at hand may differ from the file: a transaction was undone. */
  forgetStates(): void {
    this.#producers.clear()
    this.#underWay.clear()
    this.#keysCome = 0
  }

  #answerKey(channel: number | undefined, { key, digest }: KeyIdentity): Known | undefined {
    if (channel === undefined) return undefined
    const found = this.#sql.key.get(channel, key) as KeyRow | undefined
    if (!found) return undefined
    if (found.digest !== digest) return { outcome: 'conflict' }
    const { first_offset: firstOffset, offset, tag } = found
    return { outcome: 'duplicate', firstOffset, offset, tag }
  }

  #answerProducer(channel: number | undefined, identity: ProducerIdentity): Known | undefined {
    const producer = channel === undefined ? undefined : this.#find(channel, identity.producer)
    const { epoch, last } = producer ?? unknownProducer
    const verdict = judgeProducer(producer ?? unknownProducer, identity)
    if (verdict === 'new') return undefined
    if (verdict === 'fenced') return { outcome: 'fenced', epoch }
    if (verdict === 'gap') return { outcome: 'gap', last }
    const found = producer && this.#receipt(producer.id, identity.sequence)
    if (!producer || !found) return { outcome: 'skipped', last }
    // Who writes under a higher epoch has taken over, be it with something that the log has already.
    this.#raise(producer, identity.epoch)
    return { outcome: 'duplicate', ...found }
  }

  #receipt(producer: number, sequence: number): Receipt | undefined {
    const isIt = (mark: Marks[number]) => mark[0] === sequence
    const mark =
      this.#underWay.get(producer)?.marks.find(isIt) ?? this.#marksAt(producer, sequence).find(isIt)
    return mark && { firstOffset: mark[1], offset: mark[2], tag: mark[3] }
  }

  /** The row that has this number, if any has. */
  #marksAt(producer: number, sequence: number): Marks {
    const row = this.#sql.receipts.get(producer, sequence) as { readonly marks: string } | undefined
    return row ? (JSON.parse(row.marks) as Marks) : []
  }

  #find(channel: number, name: string): Producer | undefined {
    const known = this.#producers.get(nameOf(channel, name))
    if (known) return known
    // It may have been at hand a moment ago.
    this.flush()
    const row = this.#sql.producer.get(channel, name) as ProducerRow | undefined
    if (!row) return undefined
    return this.#hold(channel, name, { ...row, last: row.last ?? unknownProducer.last })
  }

  /** The producer after it was allowed this number. */
  #advance(channel: number, { producer: name, epoch, sequence }: ProducerIdentity): Producer {
    const known = this.#find(channel, name)
    if (known && sequence > 0) {
      known.last = sequence
      this.#raise(known, epoch)
      return known
    }
    // A count that begins again does so under a new id: what the old one has written no longer speaks for this one.
    if (known) this.#sql.dropProducer.run(known.id)
    const { lastInsertRowid } = this.#sql.putProducer.run(channel, name, epoch)
    return this.#hold(channel, name, { id: Number(lastInsertRowid), epoch, last: sequence })
  }

  #raise(producer: Producer, epoch: number): void {
    if (epoch === producer.epoch) return
    producer.epoch = epoch
    this.#sql.setEpoch.run(epoch, producer.id)
  }

  #hold(channel: number, name: string, producer: Producer): Producer {
    this.#producers.set(nameOf(channel, name), producer)
    return producer
  }
}

interface KeyRow {
  readonly digest: string
  readonly first_offset: number
  readonly offset: number
  readonly tag: string
}

interface ProducerRow {
  readonly id: number
  readonly epoch: number
  readonly last: number | null
}

const nameOf = (channel: number, name: string) => `${channel}/${name}`

function prepare(db: DatabaseSync) {
  const sql = (text: string): StatementSync => db.prepare(text)
  return {
    key: sql('SELECT digest, first_offset, offset, tag FROM keys WHERE channel = ? AND key = ?'),
    putKey: sql(
      'INSERT INTO keys (channel, key, digest, first_offset, offset, tag, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    producer: sql(`
      SELECT id, epoch, (SELECT max(sequence) FROM receipts WHERE producer = id) AS last
      FROM producers WHERE channel = ? AND name = ?`),
    putProducer: sql('INSERT INTO producers (channel, name, epoch) VALUES (?, ?, ?)'),
    setEpoch: sql('UPDATE producers SET epoch = ? WHERE id = ?'),
    dropProducer: sql('DELETE FROM producers WHERE id = ?'),
    receipts: sql(
      'SELECT marks FROM receipts WHERE producer = ? AND sequence >= ? ORDER BY sequence LIMIT 1',
    ),
    putReceipts: sql('INSERT INTO receipts (producer, sequence, offset, at, marks) VALUES (?, ?, ?, ?, ?)'),
    retractReceipts: sql(
      'DELETE FROM receipts WHERE producer IN (SELECT id FROM producers WHERE channel = ?) AND offset > ?',
    ),
    retractKeys: sql('DELETE FROM keys WHERE channel = ? AND offset > ?'),
  }
}
