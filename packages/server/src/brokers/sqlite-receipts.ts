// Who wrote what already, in tables beside the entries: answers an identity that comes again, remembers a new one, and
// forgets the old in small steps. Every call belongs to a transaction of the log.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { AppendIdentity } from '../broker.ts'
import {
  type IdentityMemory,
  judgeProducer,
  type KeyIdentity,
  type ProducerIdentity,
  type ProducerState,
  type Receipt,
  unknownProducer,
} from './identity.ts'
import { Recent } from './recent.ts'

/** What an identity that is not new is answered. */
export type Known =
  | ({ readonly outcome: 'duplicate' } & Receipt)
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'fenced'; readonly epoch: number }
  | { readonly outcome: 'gap' | 'skipped'; readonly last: number }

interface Producer extends ProducerState {
  readonly id: number
}

/** Producers whose state is at hand without a look into the file: some 4 MB. */
const PRODUCERS_AT_HAND = 16_384

/** Rows of each table that the sweep looks at for each receipt that comes: it goes round before half as many again have come. */
const SWEPT_PER_RECEIPT = 2
/** Rows that it looks at together. */
const SWEEP_STEP = 64

export class SqliteReceipts {
  readonly #memory: IdentityMemory
  readonly #sql: ReturnType<typeof prepare>
  /** By channel and name. */
  readonly #producers = new Recent<string, Producer>(PRODUCERS_AT_HAND)
  /** Rows that the sweep may look at. */
  #sweepCredit = 0
  #sweptReceipt: readonly [producer: number, sequence: number] = [0, -1]
  #sweptKey: readonly [channel: number, key: string] = [0, '']

  constructor(db: DatabaseSync, memory: IdentityMemory) {
    this.#memory = memory
    this.#sql = prepare(db)
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
    if (identity.kind === 'key') {
      this.#sql.putKey.run(channel, identity.key, identity.digest, firstOffset, offset, tag, at)
    } else {
      const producer = this.#advance(channel, identity)
      this.#sql.putReceipt.run(producer.id, identity.sequence, firstOffset, offset, tag, at)
    }
    this.#sweepCredit += SWEPT_PER_RECEIPT
    if (this.#sweepCredit >= SWEEP_STEP) this.#sweep(at)
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
  }

  #answerKey(channel: number | undefined, { key, digest }: KeyIdentity): Known | undefined {
    if (channel === undefined) return undefined
    const found = this.#sql.key.get(channel, key) as (ReceiptRow & { readonly digest: string }) | undefined
    if (!found) return undefined
    return found.digest === digest ? duplicate(found) : { outcome: 'conflict' }
  }

  #answerProducer(channel: number | undefined, identity: ProducerIdentity): Known | undefined {
    const producer = channel === undefined ? undefined : this.#find(channel, identity.producer)
    const { epoch, last } = producer ?? unknownProducer
    const verdict = judgeProducer({ epoch, last }, identity)
    if (verdict === 'new') return undefined
    if (verdict === 'fenced') return { outcome: 'fenced', epoch }
    if (verdict === 'gap') return { outcome: 'gap', last }
    const found =
      producer && (this.#sql.receipt.get(producer.id, identity.sequence) as ReceiptRow | undefined)
    if (channel === undefined || !found) return { outcome: 'skipped', last }
    // Who writes under a higher epoch has taken over, be it with something that the log has already.
    if (identity.epoch > epoch)
      this.#record(channel, identity.producer, { id: producer.id, epoch: identity.epoch, last })
    return duplicate(found)
  }

  #find(channel: number, name: string): Producer | undefined {
    const known = this.#producers.get(nameOf(channel, name))
    if (known) return known
    const row = this.#sql.producer.get(channel, name) as
      | { id: number; epoch: number; last: number | null }
      | undefined
    if (!row) return undefined
    const producer = { id: row.id, epoch: row.epoch, last: row.last ?? unknownProducer.last }
    this.#producers.set(nameOf(channel, name), producer)
    return producer
  }

  /** The producer after it was allowed this number. */
  #advance(channel: number, { producer: name, epoch, sequence }: ProducerIdentity): Producer {
    const known = this.#find(channel, name)
    if (known && sequence > 0) {
      const producer = { id: known.id, epoch, last: sequence }
      if (epoch > known.epoch) this.#record(channel, name, producer)
      else this.#producers.set(nameOf(channel, name), producer)
      return producer
    }
    // A count that begins again does so under a new id: what the old one has written no longer speaks for this one.
    if (known) this.#sql.dropProducer.run(known.id)
    const { lastInsertRowid } = this.#sql.putProducer.run(channel, name, epoch)
    const producer = { id: Number(lastInsertRowid), epoch, last: sequence }
    this.#producers.set(nameOf(channel, name), producer)
    return producer
  }

  #record(channel: number, name: string, producer: Producer): void {
    this.#sql.setEpoch.run(producer.epoch, producer.id)
    this.#producers.set(nameOf(channel, name), producer)
  }

  /** Forgets some of what has been remembered for long enough. */
  #sweep(now: number): void {
    this.#sweepCredit = 0
    this.#sweepReceipts(now - this.#memory.producerMs, SWEEP_STEP)
    this.#sweepKeys(now - this.#memory.keyMs, SWEEP_STEP)
  }

  #sweepReceipts(expiredAt: number, count: number): void {
    const rows = this.#sql.receiptsAfter.all(expiredAt, ...this.#sweptReceipt, count) as unknown as SweptRow[]
    for (const { producer, sequence, channel, name, isOver } of rows) {
      if (isOver === 0 || this.#sql.dropLowestReceipt.run(producer, sequence).changes === 0) continue
      const isForgotten = this.#sql.dropIdleProducer.run(producer).changes > 0
      if (isForgotten && channel !== null && name !== null) this.#producers.delete(nameOf(channel, name))
    }
    const last = rows.at(-1)
    this.#sweptReceipt = last && rows.length === count ? [last.producer, last.sequence] : [0, -1]
  }

  #sweepKeys(expiredAt: number, count: number): void {
    const rows = this.#sql.keysAfter.all(...this.#sweptKey, count) as unknown as {
      channel: number
      key: string
      at: number
    }[]
    for (const { channel, key, at } of rows) {
      if (at < expiredAt) this.#sql.dropKey.run(channel, key)
    }
    const last = rows.at(-1)
    this.#sweptKey = last && rows.length === count ? [last.channel, last.key] : [0, '']
  }
}

interface ReceiptRow {
  readonly first_offset: number
  readonly offset: number
  readonly tag: string
}

interface SweptRow {
  readonly producer: number
  readonly sequence: number
  /** Null where the count was given up. */
  readonly channel: number | null
  readonly name: string | null
  readonly isOver: 0 | 1
}

const duplicate = ({ first_offset, offset, tag }: ReceiptRow): Known => ({
  outcome: 'duplicate',
  firstOffset: first_offset,
  offset,
  tag,
})

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
    receipt: sql('SELECT first_offset, offset, tag FROM receipts WHERE producer = ? AND sequence = ?'),
    putReceipt: sql(
      'INSERT INTO receipts (producer, sequence, first_offset, offset, tag, at) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    receiptsAfter: sql(`
      SELECT r.producer, r.sequence, p.channel, p.name, CASE WHEN r.at < ? THEN
        NOT EXISTS (SELECT 1 FROM entries e WHERE e.channel = p.channel AND e.offset = r.offset) ELSE 0 END AS isOver
      FROM receipts r LEFT JOIN producers p ON p.id = r.producer
      WHERE (r.producer, r.sequence) > (?, ?) ORDER BY r.producer, r.sequence LIMIT ?`),
    // From the lowest number up: were the newest to go first, its number would count as new again.
    dropLowestReceipt: sql(`
      DELETE FROM receipts WHERE producer = ?1 AND sequence = ?2
        AND NOT EXISTS (SELECT 1 FROM receipts WHERE producer = ?1 AND sequence < ?2)`),
    dropIdleProducer: sql(
      'DELETE FROM producers WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM receipts WHERE producer = ?1)',
    ),
    keysAfter: sql(
      'SELECT channel, key, at FROM keys WHERE (channel, key) > (?, ?) ORDER BY channel, key LIMIT ?',
    ),
    dropKey: sql('DELETE FROM keys WHERE channel = ? AND key = ?'),
    retractReceipts: sql(
      'DELETE FROM receipts WHERE producer IN (SELECT id FROM producers WHERE channel = ?) AND offset > ?',
    ),
    retractKeys: sql('DELETE FROM keys WHERE channel = ? AND offset > ?'),
  }
}
