// Records in IndexedDB, each held by a Web Lock. Pages without Web Locks (not served over HTTPS) hold theirs by a lease in
// the database, which they have to renew.

import { type Cancel, type Chance, type Clock, TidingsError } from '@tidings/core'
import type { OutboxStorage, RecordChange, StoredRecord } from '../storage.ts'
import { ask, Database, type Stores } from './database.ts'

/** A lease that is not renewed for so long is over, in milliseconds: browsers let a hidden page's timers run once a minute. */
const LEASE_MS = 90_000
const RENEW_MS = 10_000

interface Lease {
  readonly owner: string
  /** Wall milliseconds: the pages of a device have one clock. */
  readonly until: number
}

/** What this page holds: the lock's release, or the lease's owner. */
interface Held {
  readonly owner: string
  readonly release: () => void
}

export class IndexedDbStorage implements OutboxStorage {
  readonly #name: string
  readonly #database: Database
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #locks: LockManager | undefined
  readonly #held = new Map<string, Held>()
  #stopRenewing: Cancel | undefined
  /** The last commit that was called. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(name: string, clock: Clock, chance: Chance) {
    this.#name = name
    this.#database = new Database(name)
    this.#clock = clock
    this.#chance = chance
    this.#locks = globalThis.navigator?.locks
  }

  get isExclusive(): boolean {
    return this.#locks !== undefined
  }

  list(): Promise<readonly Pick<StoredRecord, 'id' | 'head'>[]> {
    return this.#database.transact('readonly', async ({ heads }) => {
      const [ids, values] = await Promise.all([ask(heads.getAllKeys()), ask(heads.getAll())])
      return ids.map((id, i) => ({ id: String(id), head: values[i] }))
    })
  }

  read(id: string): Promise<StoredRecord | undefined> {
    return this.#database.transact('readonly', async ({ heads, rows }) => {
      const range = rowsOf(id)
      const [head, keys, values] = await Promise.all([
        ask(heads.get(id)),
        ask(rows.getAllKeys(range)),
        ask(rows.getAll(range)),
      ])
      // The second part of the key is what `commit` has put there.
      const found = keys.map((key, i) => ({ order: (key as [string, number])[1], value: values[i] }))
      return head === undefined ? undefined : { id, head, rows: found }
    })
  }

  commit(changes: readonly RecordChange[]): Promise<void> {
    const adds = changes.some(({ head, put }) => head !== undefined || put?.length)
    const done = this.#database.transact(
      'readwrite',
      async (stores) => {
        for (const change of changes) await this.#check(change, stores)
        for (const change of changes) write(change, stores)
      },
      // What was promised is on the disk; what was taken away may come back after a power cut, and is sent once more.
      adds ? 'strict' : 'relaxed',
    )
    this.#last = done.catch(() => {})
    return done
  }

  async hold(id: string): Promise<boolean> {
    if (this.#held.has(id)) return false
    return this.#locks ? this.#lock(id, this.#locks) : this.#lease(id)
  }

  release(id: string): void {
    const held = this.#held.get(id)
    if (held)
      void this.#last.then(() => {
        if (this.#held.get(id) === held) this.#held.delete(id)
        held.release()
      })
  }

  // ── Holding ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #lock(id: string, locks: LockManager): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const name = `tidings-outbox:${this.#name}:${id}`
      const hold = (lock: Lock | null) => {
        if (!lock) return resolve(false)
        // Held until this promise is resolved, or the page ends.
        return new Promise<void>((release) => {
          this.#held.set(id, { owner: '', release })
          resolve(true)
        })
      }
      locks.request(name, { ifAvailable: true }, hold).catch((error) => {
        this.#held.delete(id)
        reject(error)
      })
    })
  }

  async #lease(id: string): Promise<boolean> {
    const owner = this.#chance.token(22)
    const isFree = await this.#database.transact('readwrite', async ({ leases }) => {
      const lease: Lease | undefined = await ask(leases.get(id))
      const isFree = lease === undefined || lease.until <= this.#clock.now()
      if (isFree) leases.put({ owner, until: this.#clock.now() + LEASE_MS } satisfies Lease, id)
      return isFree
    })
    if (!isFree) return false
    const release = () =>
      void this.#database
        .transact('readwrite', async ({ leases }) => {
          const lease: Lease | undefined = await ask(leases.get(id))
          if (lease?.owner === owner) leases.delete(id)
        })
        .catch(() => {})
    this.#held.set(id, { owner, release })
    this.#stopRenewing ??= this.#clock.setTimer(RENEW_MS, () => void this.#renew())
    return true
  }

  async #renew(): Promise<void> {
    try {
      await this.#database.transact('readwrite', async ({ leases }) => {
        for (const [id, { owner }] of this.#held) {
          const lease: Lease | undefined = await ask(leases.get(id))
          if (lease?.owner === owner)
            leases.put({ owner, until: this.#clock.now() + LEASE_MS } satisfies Lease, id)
        }
      })
    } catch {
      // The next commit tells whether the lease outlived it.
    }
    this.#stopRenewing =
      this.#held.size > 0 ? this.#clock.setTimer(RENEW_MS, () => void this.#renew()) : undefined
  }

  async #check({ id, head }: RecordChange, { heads, leases }: Stores): Promise<void> {
    const held = this.#held.get(id)
    const [lease, stored]: [Lease | undefined, unknown] = await Promise.all([
      ask(leases.get(id)),
      ask(heads.getKey(id)),
    ])
    // A lease that is gone while the record is there: somebody had it in the meantime. Both are gone: they were cleared.
    const isLost = held?.owner !== '' && (lease ? lease.owner !== held?.owner : stored !== undefined)
    if (!held || isLost) throw new TidingsError('fenced', `Another page holds the record ${id}.`)
    if (stored === undefined && head === undefined)
      throw new TidingsError('not-found', `There is no record ${id}.`)
    if (held.owner !== '')
      leases.put({ owner: held.owner, until: this.#clock.now() + LEASE_MS } satisfies Lease, id)
  }
}

function write(
  { id, head, put = [], remove = [], isOver = false }: RecordChange,
  { heads, rows }: Stores,
): void {
  if (isOver) {
    heads.delete(id)
    rows.delete(rowsOf(id))
    return
  }
  if (head !== undefined) heads.put(head, id)
  for (const order of remove) rows.delete([id, order])
  for (const { order, value } of put) rows.put(value, [id, order])
}

/** All rows of a record: an empty list comes after every number. */
const rowsOf = (id: string) => IDBKeyRange.bound([id], [id, []])
