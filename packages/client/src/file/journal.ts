// The file of outboxes: one line for each commit, with a checksum, on the disk before the commit counts. All of it is in
// memory as well, and written anew as a whole when the file has grown, or when a line could not be written.

import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { RecordChange, StoredRecord } from '../storage.ts'

interface Content {
  head: unknown
  readonly rows: Map<number, unknown>
}

/** A file under this many bytes is not written anew; a longer one when it is four times what it was. */
const SMALL_BYTES = 1_048_576

export class Journal {
  readonly #path: string
  #records: Map<string, Content>
  /** Undefined where a line cannot be added: then the whole is written anew. */
  #handle: FileHandle | undefined
  #size = 0
  #limit = SMALL_BYTES

  private constructor(path: string, records: Map<string, Content>) {
    this.#path = path
    this.#records = records
  }

  static async open(path: string): Promise<Journal> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    const { records, isWhole } = read(text ?? '')
    const journal = new Journal(path, records)
    if (text !== undefined && isWhole) {
      journal.#handle = await open(path, 'a')
      journal.#size = Buffer.byteLength(text)
    }
    return journal
  }

  list(): Pick<StoredRecord, 'id' | 'head'>[] {
    return [...this.#records].map(([id, { head }]) => ({ id, head }))
  }

  has(id: string): boolean {
    return this.#records.has(id)
  }

  read(id: string): StoredRecord | undefined {
    const content = this.#records.get(id)
    if (!content) return undefined
    const rows = [...content.rows].sort(([a], [b]) => a - b)
    return { id, head: content.head, rows: rows.map(([order, value]) => ({ order, value })) }
  }

  /** One after the other: the caller waits. */
  async commit(changes: readonly RecordChange[]): Promise<void> {
    if (this.#handle && this.#size < this.#limit) await this.#append(this.#handle, changes)
    else await this.#rewrite(changes)
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  async #append(handle: FileHandle, changes: readonly RecordChange[]): Promise<void> {
    const line = encode(changes)
    try {
      await handle.appendFile(line)
      await handle.datasync()
    } catch (error) {
      // Half a line may be there, or what the system has dropped: no other line may follow it.
      await this.close().catch(() => {})
      throw error
    }
    this.#size += Buffer.byteLength(line)
    apply(changes, this.#records)
  }

  /** Beside the old file, and then in its place: there is always one that is whole. */
  async #rewrite(changes: readonly RecordChange[]): Promise<void> {
    const records = new Map(
      [...this.#records].map(([id, { head, rows }]) => [id, { head, rows: new Map(rows) }]),
    )
    apply(changes, records)
    const text = [...records.keys()].map((id) => encode([recordOf(id, records)])).join('')
    await this.close().catch(() => {})
    const fresh = await open(`${this.#path}.new`, 'w', 0o600)
    try {
      await fresh.writeFile(text)
      await fresh.sync()
    } finally {
      await fresh.close()
    }
    await rename(`${this.#path}.new`, this.#path)
    await syncFolder(dirname(this.#path))
    this.#handle = await open(this.#path, 'a')
    this.#records = records
    this.#size = Buffer.byteLength(text)
    this.#limit = Math.max(SMALL_BYTES, 4 * this.#size)
  }
}

function recordOf(id: string, records: ReadonlyMap<string, Content>): RecordChange {
  const { head, rows = new Map() } = records.get(id) ?? {}
  return { id, head, put: [...rows].map(([order, value]) => ({ order, value })) }
}

function apply(changes: readonly RecordChange[], records: Map<string, Content>): void {
  for (const { id, head, put = [], remove = [], isOver } of changes) {
    if (isOver) {
      records.delete(id)
      continue
    }
    let content = records.get(id)
    if (!content) records.set(id, (content = { head: undefined, rows: new Map() }))
    if (head !== undefined) content.head = head
    for (const order of remove) content.rows.delete(order)
    for (const { order, value } of put) content.rows.set(order, value)
  }
}

function encode(changes: readonly RecordChange[]): string {
  const json = JSON.stringify(changes)
  return `${checksum(json)} ${json}\n`
}

const checksum = (text: string) => crc32(text).toString(16).padStart(8, '0')

/**
 * What the lines add up to. A last line without an end was never promised to anybody. One that is damaged leaves a record
 * that nobody can read, so that it is told and not passed over.
 */
function read(text: string): { readonly records: Map<string, Content>; readonly isWhole: boolean } {
  const records = new Map<string, Content>()
  const lines = text.split('\n')
  let isWhole = lines.pop() === ''
  for (const [i, line] of lines.entries()) {
    const json = line.slice(9)
    if (line.slice(0, 8) === checksum(json)) apply(JSON.parse(json) as RecordChange[], records)
    else {
      isWhole = false
      records.set(`line ${i + 1}`, { head: 'damaged', rows: new Map() })
    }
  }
  return { records, isWhole }
}

/** So that the file's name outlives a power cut, too. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {
    // Windows knows no such thing.
  }
}
