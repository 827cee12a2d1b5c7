// Forgets rows of receipts and keys that have been remembered for long enough. A hand goes round each table and moves on
// by some rows with what comes in, so no commit pays for many, and no index over time has to be kept.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { IdentityMemory } from './identity.ts'

/** Rows that come between two moves. */
const MOVE_EVERY = 32
/** Rows that a move passes: twice as many as have come, so the hand goes round before half as many again are there. */
const ROWS_PER_MOVE = 2 * MOVE_EVERY

type ReceiptHand = readonly [producer: number, sequence: number]
type KeyHand = readonly [channel: number, key: string]

const FIRST_RECEIPT: ReceiptHand = [0, -1]
const FIRST_KEY: KeyHand = [0, '']
const END = Number.MAX_SAFE_INTEGER

export class SqliteSweep {
  readonly #memory: IdentityMemory
  readonly #onForgotten: (channel: number, producer: string) => void
  readonly #sql: ReturnType<typeof prepare>
  #come = 0
  #receipt = FIRST_RECEIPT
  #key = FIRST_KEY

  /** `onForgotten` is told of a producer that has no receipts left, and so is unknown again. */
  constructor(
    db: DatabaseSync,
    memory: IdentityMemory,
    onForgotten: (channel: number, producer: string) => void,
  ) {
    this.#memory = memory
    this.#onForgotten = onForgotten
    this.#sql = prepare(db)
  }

  /** So many rows of receipts and keys have come in: all that were remembered are in the file. */
  goOn(come: number, now: number): void {
    this.#come += come
    for (; this.#come >= MOVE_EVERY; this.#come -= MOVE_EVERY) {
      this.#moveOverReceipts(now - this.#memory.producerMs)
      this.#moveOverKeys(now - this.#memory.keyMs)
    }
  }

  #moveOverReceipts(expiredAt: number): void {
    const end = this.#sql.receiptsEnd.get(...this.#receipt, ROWS_PER_MOVE - 1) as ReceiptRow | undefined
    const upTo: ReceiptHand = end ? [end.producer, end.sequence] : [END, END]
    const rows = this.#sql.overReceipts.all(...this.#receipt, ...upTo, expiredAt) as unknown as OverRow[]
    for (const { producer, sequence, channel, name } of rows) {
      this.#sql.dropLowestReceipt.run(producer, sequence)
      const isForgotten = this.#sql.dropIdleProducer.run(producer).changes > 0
      if (isForgotten && channel !== null && name !== null) this.#onForgotten(channel, name)
    }
    this.#receipt = end ? upTo : FIRST_RECEIPT
  }

  #moveOverKeys(expiredAt: number): void {
    const end = this.#sql.keysEnd.get(...this.#key, ROWS_PER_MOVE - 1) as KeyRow | undefined
    const upTo: KeyHand = end ? [end.channel, end.key] : [END, '']
    this.#sql.dropKeys.run(...this.#key, ...upTo, expiredAt)
    this.#key = end ? upTo : FIRST_KEY
  }
}

interface ReceiptRow {
  readonly producer: number
  readonly sequence: number
}

interface OverRow extends ReceiptRow {
  /** Null where the count was given up. */
  readonly channel: number | null
  readonly name: string | null
}

interface KeyRow {
  readonly channel: number
  readonly key: string
}

function prepare(db: DatabaseSync) {
  const sql = (text: string): StatementSync => db.prepare(text)
  return {
    receiptsEnd: sql(`
      SELECT producer, sequence FROM receipts
      WHERE (producer, sequence) > (?, ?) ORDER BY producer, sequence LIMIT 1 OFFSET ?`),
    overReceipts: sql(`
      SELECT r.producer, r.sequence, p.channel, p.name
      FROM receipts r LEFT JOIN producers p ON p.id = r.producer
      WHERE (r.producer, r.sequence) > (?, ?) AND (r.producer, r.sequence) <= (?, ?) AND r.at < ?
        AND coalesce(
          (SELECT last - count FROM runs WHERE channel = p.channel ORDER BY last LIMIT 1) >= r.offset, TRUE)
      ORDER BY r.producer, r.sequence`),
    // From the lowest number up: were the newest to go first, its number would count as new again.
    dropLowestReceipt: sql(`
      DELETE FROM receipts WHERE producer = ?1 AND sequence = ?2
        AND NOT EXISTS (SELECT 1 FROM receipts WHERE producer = ?1 AND sequence < ?2)`),
    dropIdleProducer: sql(`
      DELETE FROM producers WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM receipts WHERE producer = ?1)`),
    keysEnd: sql(`
      SELECT channel, key FROM keys
      WHERE (channel, key) > (?, ?) ORDER BY channel, key LIMIT 1 OFFSET ?`),
    dropKeys: sql('DELETE FROM keys WHERE (channel, key) > (?, ?) AND (channel, key) <= (?, ?) AND at < ?'),
  }
}
