// One connection to the log's file with all that is prepared on it: replaced as a whole when it is in doubt. Knows
// transactions, and whether its file is still the one that the path names.

import { rmSync, statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { IdentityMemory } from './identity.ts'
import { explainFault, openSqliteFile, type SqliteFile } from './sqlite-file.ts'
import { SqliteReceipts } from './sqlite-receipts.ts'
import { SqliteTables } from './sqlite-tables.ts'

export interface ConnectionOptions extends SqliteFile {
  readonly memory: IdentityMemory
  /** For tests of a failing disk. Default: `openSqliteFile`. */
  readonly open?: typeof openSqliteFile
}

export class SqliteConnection {
  readonly tables: SqliteTables
  readonly receipts: SqliteReceipts
  readonly #file: string
  readonly #db: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  // Tell file and write-ahead log from others that have taken their names.
  readonly #inode: number | undefined
  readonly #walInode: number | undefined

  /** `epoch` names the history that begins where there is no file. Throws a LogFault. */
  constructor({ open = openSqliteFile, memory, ...where }: ConnectionOptions, epoch: string) {
    this.#file = where.file
    this.#db = open(where, epoch)
    try {
      this.#begin = this.#db.prepare('BEGIN IMMEDIATE')
      this.#commit = this.#db.prepare('COMMIT')
      this.tables = new SqliteTables(this.#db)
      this.receipts = new SqliteReceipts(this.#db, memory)
      this.#inode = inodeOf(this.#file)
      this.#walInode = inodeOf(this.#wal)
    } catch (error) {
      // A connection that nobody holds would hold the file.
      this.#closeQuietly()
      throw explainFault(error, this.#file)
    }
  }

  /** Durable when it returns; undone when it throws, as far as SQLite can say. */
  transaction<Result>(run: () => Result): Result {
    this.#begin.run()
    try {
      const result = run()
      this.#commit.run()
      return result
    } catch (error) {
      this.#rollBackQuietly()
      throw error
    }
  }

  /** Somebody deleted or replaced the file: what were written now would be lost with the process. */
  get isElsewhere(): boolean {
    return inodeOf(this.#file) !== this.#inode
  }

  close(): void {
    const { isElsewhere } = this
    this.#closeQuietly()
    // SQLite would play it into the file that has taken the place of this one's.
    if (isElsewhere && this.#walInode !== undefined && inodeOf(this.#wal) === this.#walInode)
      rmSync(this.#wal)
  }

  get #wal(): string {
    return `${this.#file}-wal`
  }

  // What fails in these two has failed before: the first failure is the one to tell.

  #rollBackQuietly(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
    } catch {}
  }

  #closeQuietly(): void {
    try {
      if (this.#db.isOpen) this.#db.close()
    } catch {}
  }
}

const inodeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino
