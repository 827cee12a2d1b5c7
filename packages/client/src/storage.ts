// Where durable outboxes are kept: the port that an adapter fills (IndexedDB, a file, whatever can write several rows at
// once). It knows records and rows by their names, and nothing of what they mean.

/** One pending write. */
export interface StoredRow {
  /** Place among the rows of its record. */
  readonly order: number
  /** What JSON can hold. As it comes back it may be anything: whoever reads it checks it. */
  readonly value: unknown
}

/** What one page keeps: a head, and a row for each pending write. */
export interface StoredRecord {
  readonly id: string
  readonly head: unknown
  /** By their order. */
  readonly rows: readonly StoredRow[]
}

export interface RecordChange {
  readonly id: string
  /** Takes the place of the head; makes the record where there is none. */
  readonly head?: unknown
  readonly put?: readonly StoredRow[]
  /** Rows to remove, by their order. Those that are not there count as removed. */
  readonly remove?: readonly number[]
  /** Removes the record, with all its rows. */
  readonly isOver?: boolean
}

/**
 * A storage of records. What every adapter promises:
 *
 * - **All or nothing.** Either all changes of a commit are there, or none is, whatever happens meanwhile.
 * - **There to stay.** Once a commit has resolved, its changes outlive the page and the program, killed or not. One that has
 *   rejected has changed nothing, unless the storage itself broke in the middle of it: then it may be there as well.
 * - **In order.** Of two commits, the one that was called first comes first.
 * - **One holder.** Between `hold`, resolved with true, and `release` nobody else holds the record, in no page and no process;
 *   the end of a page or process releases what it held. Where `isExclusive` is false a holder that has been silent for long
 *   (a frozen page) may lose the record, and learns of it from its next commit.
 * - **Nothing behind the holder's back.** A commit to a record that its caller does not hold rejects with `fenced`, one with
 *   a change without a head, of a record that did not exist before, with `not-found`; both change nothing.
 * - Whatever else fails rejects with `unavailable`, and may be tried again. A call may take long, and the caller goes on without it.
 */
export interface OutboxStorage {
  readonly isExclusive: boolean
  /** The heads of all records, whoever holds them. */
  list(): Promise<readonly Pick<StoredRecord, 'id' | 'head'>[]>
  /**
   * Becomes the holder of this record, whether or not it exists yet. False: somebody is already, be it the same page. Who has
   * been told true asks again only after it has released the record, though it may have lost it long ago.
   */
  hold(id: string): Promise<boolean>
  /** Of a record that the caller holds; undefined where it does not exist. */
  read(id: string): Promise<StoredRecord | undefined>
  /** In the order of the list, which may name a record more than once. */
  commit(changes: readonly RecordChange[]): Promise<void>
  /** After the commits that were called before. Does nothing for a record that the caller does not hold. */
  release(id: string): void
}
