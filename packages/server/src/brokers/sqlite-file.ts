// Opens the log's file for this process alone, in the one mode whose commits survive a power cut, and says in a
// sentence why it could not. What is in the file is not its affair (sqlite-formats.ts).

import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FORMAT, makeTables, migrate } from './sqlite-formats.ts'

export interface SqliteFile {
  /** Absolute path. */
  readonly file: string
  /** Size that the file may reach; undefined: as much as the disk holds. */
  readonly maxBytes: number | undefined
}

/** The log cannot be used; the message says what happened and what to do. */
export class LogFault extends Error {
  override readonly name = 'LogFault'
}

// "TDNG": tells a log from the databases of other applications.
const APPLICATION_ID = 0x54_44_4e_47

/** The open file; made, with `epoch` as the name of its history, where there is none. Throws a LogFault. */
export function openSqliteFile({ file, maxBytes }: SqliteFile, epoch: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    makeFolder(dirname(file))
    db = new DatabaseSync(file)
    // Before anything is read: from the first access on, the file belongs to this connection alone.
    db.exec('PRAGMA locking_mode = EXCLUSIVE')
    const isNew = pragma(db, 'schema_version') === 0
    if (!isNew) refuseForeign(db, file)
    const format = Number(pragma(db, 'user_version'))
    useDurableMode(db, file)
    if (maxBytes !== undefined)
      db.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / Number(pragma(db, 'page_size')))}`)
    if (isNew) inTransaction(db, (file) => begin(file, epoch))
    else if (format < FORMAT) inTransaction(db, (file) => migrate(file, format))
    return db
  } catch (error) {
    db?.close()
    throw explainFault(error, file)
  }
}

// One level: a path that is wrong higher up is a mistake to be told.
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  try {
    mkdirSync(folder)
  } catch (error) {
    throw new LogFault(
      `The folder for the log cannot be made (${(error as Error).message}): make it, or name another.`,
      { cause: error },
    )
  }
}

function refuseForeign(db: DatabaseSync, file: string): void {
  if (pragma(db, 'application_id') !== APPLICATION_ID) {
    throw new LogFault(`"${file}" is the database of another application; give the log a file of its own.`)
  }
  const format = Number(pragma(db, 'user_version'))
  if (format > FORMAT) {
    throw new LogFault(
      `"${file}" was written by a newer Tidings (format ${format}; this one knows ${FORMAT}); use that version or newer.`,
    )
  }
}

// Setting is not having: some builds and file systems quietly keep another mode.
function useDurableMode(db: DatabaseSync, file: string): void {
  db.exec('PRAGMA journal_mode = WAL')
  db.exec('PRAGMA synchronous = FULL')
  const mode = [pragma(db, 'journal_mode'), pragma(db, 'synchronous'), pragma(db, 'locking_mode')].join()
  if (mode !== 'wal,2,exclusive') {
    throw new LogFault(
      `SQLite cannot write "${file}" durably (${mode} instead of wal,2,exclusive); put it on a local disk.`,
    )
  }
}

function begin(db: DatabaseSync, epoch: string): void {
  makeTables(db, epoch)
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
}

// What fails in it is undone when the file is closed, as it is then.
function inTransaction(db: DatabaseSync, run: (db: DatabaseSync) => void): void {
  db.exec('BEGIN IMMEDIATE')
  run(db)
  db.exec('COMMIT')
}

/** The one value that a pragma answers. */
export function pragma(db: DatabaseSync, name: string): unknown {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]
}

/** SQLite's primary result code (https://sqlite.org/rescode.html); undefined for any other failure. */
export function resultCode(error: unknown): number | undefined {
  const extended = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof extended === 'number' ? extended & 0xff : undefined
}

const SQLITE_IOERR = 10
const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
export const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_READONLY = 8
const SQLITE_NOTADB = 26

export function explainFault(error: unknown, file: string): LogFault {
  if (error instanceof LogFault) return error
  return new LogFault(
    `${sentence(error, file)} (${error instanceof Error ? error.message : String(error)})`,
    { cause: error },
  )
}

function sentence(error: unknown, file: string): string {
  switch (resultCode(error)) {
    case SQLITE_BUSY:
      return `The log "${file}" is already open, most likely in another process, and one owns it at a time: stop that one (\`fuser ${file}\` names it), or give this one a file of its own.`
    case SQLITE_NOTADB:
      return `"${file}" is not a SQLite database: give the log another file, or move this one away.`
    case SQLITE_CORRUPT:
      return `The log "${file}" is damaged: restore it from a backup, or move it away to begin a new history.`
    case SQLITE_FULL:
      return `The log "${file}" has no room to grow: free space on its disk, or raise its limit.`
    case SQLITE_IOERR:
      return `The disk failed while the log "${file}" was read or written: check the disk, its space and its limits.`
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return `The log "${file}" cannot be opened for writing: ${obstacle(file) ?? 'check the rights to it and to its folder'}.`
    default:
      return `The log "${file}" cannot be used.`
  }
}

// Asks about the file without opening it: closing any handle of this process would give up SQLite's lock on it.
function obstacle(file: string): string | undefined {
  const folder = dirname(file)
  try {
    if (existsSync(file)) {
      if (!statSync(file).isFile()) return 'it is not a file; name one'
      accessSync(file, constants.R_OK | constants.W_OK)
    }
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return `${(error as Error).message}; give this user the right to read and write there`
  }
}
