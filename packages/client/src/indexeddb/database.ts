// The IndexedDB of a storage: opened when it is needed, and again when the browser has closed it or somebody has cleared it.

import { TidingsError } from '@tidings/core'

/** `heads` and `rows` of records, and the `leases` of pages that have no Web Locks. */
export type Stores = Readonly<Record<'heads' | 'rows' | 'leases', IDBObjectStore>>

const NAMES = ['heads', 'rows', 'leases'] as const

export class Database {
  readonly #name: string
  #database: Promise<IDBDatabase> | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** Resolves once the transaction is complete. What `work` throws undoes it. */
  async transact<T>(
    mode: IDBTransactionMode,
    work: (stores: Stores) => Promise<T>,
    durability: IDBTransactionDurability = 'relaxed',
  ): Promise<T> {
    this.#database ??= this.#open()
    const transaction = this.#begin(await this.#database, mode, durability)
    const completed = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted.'))
    })
    completed.catch(() => {})
    const store = (name: string) => transaction.objectStore(name)
    let result: T
    try {
      result = await work({ heads: store('heads'), rows: store('rows'), leases: store('leases') })
    } catch (error) {
      try {
        transaction.abort()
      } catch {
        // It has ended by itself.
      }
      throw error
    }
    await completed
    return result
  }

  #begin(
    database: IDBDatabase,
    mode: IDBTransactionMode,
    durability: IDBTransactionDurability,
  ): IDBTransaction {
    try {
      return database.transaction(NAMES, mode, { durability })
    } catch (error) {
      // The connection was closed, and not every browser says so.
      this.#database = undefined
      throw error
    }
  }

  #open(): Promise<IDBDatabase> {
    const opening = new Promise<IDBDatabase>((resolve, reject) => {
      if (!globalThis.indexedDB) throw new TidingsError('unavailable', 'This platform has no IndexedDB.')
      const request = globalThis.indexedDB.open(this.#name, 1)
      request.onupgradeneeded = () => {
        for (const name of NAMES) request.result.createObjectStore(name)
      }
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const forget = () => {
      if (this.#database === opening) this.#database = undefined
    }
    opening.then((database) => {
      // Somebody cleared it, or a later version of the page wants to change it.
      database.onclose = forget
      database.onversionchange = () => {
        database.close()
        forget()
      }
    }, forget)
    return opening
  }
}

export function ask<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
