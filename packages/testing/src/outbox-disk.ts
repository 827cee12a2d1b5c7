// A disk for durable outboxes, in memory: what is on it outlives the pages that write to it. Each page has its own way to
// it, which can be cut off at any point, as a crash does; and the disk can be full, refuse, be silent, be damaged or emptied.

import type { OutboxStorage, RecordChange, StoredRecord } from '@tidings/client/durable'
import { TidingsError } from '@tidings/core'

/** A change as the disk gets it: `head` and the values of rows are JSON. */
interface Written {
  readonly id: string
  readonly head: string | undefined
  readonly put: readonly (readonly [order: number, value: string])[]
  readonly remove: readonly number[]
  readonly isOver: boolean
}

interface Stored {
  /** JSON, as everything that is on the disk: nobody shares an object with it. */
  head: string
  readonly rows: Map<number, string>
}

export type DiskFault =
  /** Nothing can be read or written. */
  | 'refused'
  /** Nothing can be added. */
  | 'full'
  /** Nothing is answered any more, and nothing is done. */
  | 'silent'

export interface PageOptions {
  /** Whether the platform holds records for this page, frozen or not. Default: true. */
  readonly isExclusive?: boolean
  /** Called before each operation takes effect, and once more before its answer: resolves when it may go on. */
  readonly pause?: (before: 'effect' | 'answer') => Promise<void>
}

export class OutboxDisk {
  readonly #records = new Map<string, Stored>()
  readonly #holders = new Map<string, DiskPage>()
  fault: DiskFault | undefined
  /** Commits that have changed something. */
  commits = 0

  /** A page's way to the disk. */
  open(options: PageOptions = {}): DiskPage {
    return new DiskPage(this, this.#records, this.#holders, options)
  }

  /** Everything is gone, as when somebody clears the site's data. */
  clear(): void {
    this.#records.clear()
  }

  /** Writes over what is stored: heads, or rows. */
  damage(what: 'heads' | 'rows', value: unknown): void {
    for (const record of this.#records.values()) {
      if (what === 'heads') record.head = JSON.stringify(value)
      else for (const order of record.rows.keys()) record.rows.set(order, JSON.stringify(value))
    }
  }

  /** What is there, whoever holds it. */
  get records(): readonly StoredRecord[] {
    return [...this.#records].map(([id, record]) => readOut(id, record))
  }
}

export class DiskPage implements OutboxStorage {
  readonly isExclusive: boolean
  /** Points passed so far: there are two to each operation, before it takes effect and before its answer. */
  points = 0
  /** The page ends when it gets to this point. */
  diesAt = Number.POSITIVE_INFINITY
  isAlive = true
  readonly #disk: OutboxDisk
  readonly #records: Map<string, Stored>
  readonly #holders: Map<string, DiskPage>
  readonly #pause: (before: 'effect' | 'answer') => Promise<void>
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    disk: OutboxDisk,
    records: Map<string, Stored>,
    holders: Map<string, DiskPage>,
    { isExclusive = true, pause = () => Promise.resolve() }: PageOptions,
  ) {
    this.#disk = disk
    this.#records = records
    this.#holders = holders
    this.isExclusive = isExclusive
    this.#pause = pause
  }

  /** The page ends without a word: nothing that it asked for happens any more, and what it held is free. */
  kill(): void {
    this.isAlive = false
    this.lose()
  }

  /** What this page holds is free for others, and the page does not know: it was frozen for too long. */
  lose(): void {
    for (const [id, holder] of this.#holders) if (holder === this) this.#holders.delete(id)
  }

  list(): Promise<readonly Pick<StoredRecord, 'id' | 'head'>[]> {
    return this.#operate(() => this.#disk.records)
  }

  hold(id: string): Promise<boolean> {
    return this.#operate(() => {
      if (this.#holders.has(id)) return false
      this.#holders.set(id, this)
      return true
    })
  }

  read(id: string): Promise<StoredRecord | undefined> {
    return this.#operate(() => {
      const record = this.#records.get(id)
      return record && readOut(id, record)
    })
  }

  commit(changes: readonly RecordChange[]): Promise<void> {
    // As they are now: what the caller changes afterwards belongs to its next commit.
    const written = changes.map(write)
    return this.#operate(() => this.#apply(written))
  }

  release(id: string): void {
    void this.#last.then(() => {
      if (this.#holders.get(id) === this) this.#holders.delete(id)
    })
  }

  #apply(changes: readonly Written[]): void {
    for (const { id, head, put } of changes) {
      if (this.#holders.get(id) !== this)
        throw new TidingsError('fenced', `The record ${id} is not this page's.`)
      if (!this.#records.has(id) && head === undefined)
        throw new TidingsError('not-found', `There is no record ${id}.`)
      if (this.#disk.fault === 'full' && (head !== undefined || put.length > 0))
        throw new TidingsError('unavailable', 'The disk is full.')
    }
    for (const change of changes) this.#write(change)
    this.#disk.commits++
  }

  #write({ id, head, put, remove, isOver }: Written): void {
    if (isOver) return void this.#records.delete(id)
    let record = this.#records.get(id)
    if (!record) this.#records.set(id, (record = { head: '', rows: new Map() }))
    if (head !== undefined) record.head = head
    for (const order of remove) record.rows.delete(order)
    for (const [order, value] of put) record.rows.set(order, value)
  }

  /** One after the other, each at the end of some wait. */
  #operate<T>(work: () => T): Promise<T> {
    const result = this.#last.then(async () => {
      await this.#point('effect')
      if (this.#disk.fault === 'silent') await never()
      const outcome = this.#attempt(work)
      await this.#point('answer')
      if ('error' in outcome) throw outcome.error
      return outcome.value
    })
    this.#last = result.catch(() => {})
    return result
  }

  #attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
    try {
      if (this.#disk.fault === 'refused') throw new TidingsError('unavailable', 'The disk refuses.')
      return { value: work() }
    } catch (error) {
      return { error }
    }
  }

  async #point(before: 'effect' | 'answer'): Promise<void> {
    await this.#pause(before)
    if (this.points++ >= this.diesAt) this.kill()
    if (!this.isAlive) await never()
  }
}

function write({ id, head, put = [], remove = [], isOver = false }: RecordChange): Written {
  return {
    ...{ id, isOver, remove: [...remove] },
    head: head === undefined ? undefined : JSON.stringify(head),
    put: put.map(({ order, value }) => [order, JSON.stringify(value)]),
  }
}

const never = () => new Promise<never>(() => {})

function readOut(id: string, { head, rows }: Stored): StoredRecord {
  const ordered = [...rows].sort(([a], [b]) => a - b)
  return {
    id,
    head: JSON.parse(head),
    rows: ordered.map(([order, value]) => ({ order, value: JSON.parse(value) })),
  }
}
