// Records in a file, for the clients of one process: who holds which, and when the file is opened, locked and let go.

import { resolve } from 'node:path'
import { TidingsError } from '@tidings/core'
import type { OutboxStorage, RecordChange, StoredRecord } from '../storage.ts'
import { Journal } from './journal.ts'
import { lockFile, type Unlock } from './lock.ts'

/** The process's own use of a file: opened with the first call, let go when nobody holds anything in it any more. */
class SharedFile {
  readonly holders = new Map<string, FileStorage>()
  readonly #path: string
  #open: { readonly journal: Journal; readonly unlock: Unlock } | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /** Calls `work` after all that was called before. */
  use<T>(work: (journal: Journal) => T | Promise<T>): Promise<T> {
    const result = this.#last.then(async () => work((this.#open ??= await this.#begin()).journal))
    this.#last = result.catch(() => {})
    return result
  }

  release(id: string, holder: FileStorage): void {
    this.#last = this.#last.then(async () => {
      if (this.holders.get(id) !== holder) return
      this.holders.delete(id)
      if (this.holders.size > 0 || !this.#open) return
      const { journal, unlock } = this.#open
      this.#open = undefined
      await journal.close().catch(() => {})
      unlock()
    })
  }

  async #begin() {
    const unlock = await lockFile(this.#path)
    try {
      return { journal: await Journal.open(this.#path), unlock }
    } catch (error) {
      unlock()
      throw error
    }
  }
}

const files = new Map<string, SharedFile>()

export class FileStorage implements OutboxStorage {
  /** The lock is held as long as the process lives, running or stopped. */
  readonly isExclusive = true
  readonly #file: SharedFile

  constructor(path: string) {
    const whole = resolve(path)
    const file = files.get(whole) ?? new SharedFile(whole)
    files.set(whole, file)
    this.#file = file
  }

  list(): Promise<readonly Pick<StoredRecord, 'id' | 'head'>[]> {
    return this.#file.use((journal) => journal.list())
  }

  hold(id: string): Promise<boolean> {
    return this.#file.use(() => {
      if (this.#file.holders.has(id)) return false
      this.#file.holders.set(id, this)
      return true
    })
  }

  read(id: string): Promise<StoredRecord | undefined> {
    return this.#file.use((journal) => journal.read(id))
  }

  commit(changes: readonly RecordChange[]): Promise<void> {
    return this.#file.use(async (journal) => {
      for (const { id, head } of changes) {
        if (this.#file.holders.get(id) !== this)
          throw new TidingsError('fenced', `The record ${id} is not held here.`)
        if (head === undefined && !journal.has(id))
          throw new TidingsError('not-found', `There is no record ${id}.`)
      }
      await journal.commit(changes)
    })
  }

  release(id: string): void {
    this.#file.release(id, this)
  }
}
