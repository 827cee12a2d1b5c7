// Finds the records that a page goes on with: the one that was used last among those that are its person's and that nobody
// holds, or a new one; later those that closed pages have left. Taking one up counts its producer epoch up, which fences off
// whoever held it before [PB5].

import type { Chance, Clock, TidingsError } from '@tidings/core'
import { PRODUCER_LENGTH } from './exchange.ts'
import { storageProblem } from './ledger.ts'
import { LAST_EPOCH } from './outbox.ts'
import { type Head, readHead } from './record.ts'
import type { OutboxStorage, StoredRow } from './storage.ts'

/** Whose a record is: null for nobody in particular, undefined as long as no server has said. */
export type Person = string | null | undefined

/** A record that this page goes on with. */
export interface Claim {
  readonly id: string
  readonly head: Head
  readonly rows: readonly StoredRow[]
  readonly isHeld: boolean
  readonly isThere: boolean
}

export interface ClaimsOptions {
  readonly storage: OutboxStorage
  readonly url: string
  readonly clock: Clock
  readonly chance: Chance
  readonly report: (error: TidingsError) => void
}

type Listed = Pick<Claim, 'id' | 'head'>
type Taken = Pick<Claim, 'id' | 'head' | 'rows'>

/** How long a storage may take to bring a record; then the page goes on without it. Milliseconds. */
const PATIENCE_MS = 4_000
/** What strangers have left is removed when nobody has come for it in so long, 30 days in milliseconds. */
const FORGOTTEN_MS = 30 * 24 * 3_600_000

export class Claims {
  readonly #options: ClaimsOptions

  constructor(options: ClaimsOptions) {
    this.#options = options
  }

  /** The one to write under. `person`: undefined where that is not known yet. Rejects where the storage does not bring it. */
  async mine(person: Person): Promise<Claim> {
    const { clock, storage } = this.#options
    let isLate = false
    return new Promise((resolve, reject) => {
      const stop = clock.setTimer(PATIENCE_MS, () => {
        isLate = true
        reject(storageProblem('does not answer'))
      })
      this.#mine(person)
        .then((claim) => (isLate ? storage.release(claim.id) : resolve(claim)), reject)
        .finally(stop)
    })
  }

  /** A new one that is not in the storage yet. */
  fresh(person: Person, isHeld = false): Claim {
    const { url, clock, chance } = this.#options
    const head: Head = {
      format: 1,
      producer: chance.token(PRODUCER_LENGTH),
      epoch: 0,
      url,
      user: person,
      sentUpTo: 0,
      usedAt: clock.now(),
    }
    return { id: chance.token(PRODUCER_LENGTH), head, rows: [], isHeld, isThere: false }
  }

  /** One that a closed page has left, with something in it that this person's page may send; the oldest first. */
  async orphan(person: string | null): Promise<Claim | undefined> {
    const { storage, url } = this.#options
    for (const { id, head } of (await this.#list()).reverse()) {
      const { user, usedAt } = head
      const isOurs = head.url === url && (user ?? null) === person
      if (!isOurs && !this.#isForgotten(usedAt)) continue
      const taken = await this.#take(id)
      if (!taken) continue
      if (isOurs && taken.rows.length > 0) return this.#adopt(taken, person)
      // Written after the head, by a page that was open for very long.
      const isUsed = taken.rows.some(({ value }) => !this.#isForgotten((value as { at?: number }).at))
      if (!isUsed) await this.#remove(id)
      storage.release(id)
    }
    return undefined
  }

  async #mine(person: Person): Promise<Claim> {
    const { storage, url } = this.#options
    for (const { id, head } of await this.#list()) {
      if (head.url !== url || head.epoch >= LAST_EPOCH || (person !== undefined && head.user !== person))
        continue
      const taken = await this.#take(id)
      if (taken) return this.#adopt(taken, person)
    }
    const claim = this.fresh(person)
    return { ...claim, isHeld: await storage.hold(claim.id) }
  }

  /** Those that can be read, used last first; at the end those of which nobody knows whose they are. */
  async #list(): Promise<Listed[]> {
    const listed: Listed[] = []
    for (const { id, head: value } of await this.#options.storage.list()) {
      try {
        const head = readHead(value)
        if (head) listed.push({ id, head })
      } catch {
        await this.#clean(id)
      }
    }
    const rank = ({ user, usedAt }: Head) => (user === undefined ? 0 : usedAt)
    return listed.sort((a, b) => rank(b.head) - rank(a.head))
  }

  /** Removes a record that nobody can read, unless whoever held it has written its head anew meanwhile. */
  async #clean(id: string): Promise<void> {
    const { storage, report } = this.#options
    if (!(await storage.hold(id))) return
    await this.#orRelease(id, async () => {
      const record = await storage.read(id)
      try {
        if (record) readHead(record.head)
      } catch (error) {
        report(error as TidingsError)
        await this.#remove(id)
      }
    })
    storage.release(id)
  }

  /** Holds the record and reads it; undefined where somebody else holds it, or has removed it. */
  async #take(id: string): Promise<Taken | undefined> {
    const { storage } = this.#options
    if (!(await storage.hold(id))) return undefined
    const taken = await this.#orRelease(id, async () => {
      const record = await storage.read(id)
      const head = record && readHead(record.head)
      return record && head && { id, head, rows: record.rows }
    })
    if (!taken) storage.release(id)
    return taken
  }

  /** [OB4] What is nobody's in it goes into a record of its own. `person`: as for `mine`. */
  async #adopt({ id, head: before, rows }: Taken, person: Person): Promise<Claim> {
    const { storage } = this.#options
    const { epoch, user, strayFrom } = before
    const own = rows.filter(({ order }) => !strayFrom || order < strayFrom)
    const strays = rows.slice(own.length)
    // Somebody's, and nobody has said yet who this page is.
    const isGuess = person === undefined && user
    const head = { ...before, epoch: epoch + 1, strayFrom: isGuess ? 1 + (own.at(-1)?.order ?? 0) : 0 }
    await this.#orRelease(id, async () => {
      if (strays[0]) {
        const other = this.fresh(undefined)
        await storage.hold(other.id)
        const removal = { id, remove: strays.map(({ order }) => order) }
        // [OB3] They keep their numbers, which are of this epoch at the most.
        const nobodys = { id: other.id, head: { ...other.head, epoch }, put: strays }
        await storage.commit([removal, nobodys]).finally(() => storage.release(other.id))
      }
      await storage.commit([{ id, head }])
    })
    return { id, head, rows: own, isHeld: true, isThere: true }
  }

  #remove(id: string): Promise<void> {
    return this.#orRelease(id, () => this.#options.storage.commit([{ id, isOver: true }]))
  }

  async #orRelease<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.#options.storage.release(id)
      throw error
    }
  }

  #isForgotten(at = 0): boolean {
    return !(this.#options.clock.now() - at <= FORGOTTEN_MS)
  }
}
