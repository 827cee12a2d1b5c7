// Finds the records that a page goes on with: the one that was used last among those that are its person's and that nobody
// holds, or a new one; later those that closed pages have left. Taking one up counts its producer epoch up, which fences off
// whoever held it before [PB5]. What is nobody's it counts, hands over, or removes [OB4].

import type { TidingsError } from '@tidings/core'
import { type Exchange, PRODUCER_LENGTH } from './exchange.ts'
import { storageProblem } from './ledger.ts'
import { LAST_EPOCH } from './outbox.ts'
import { EVERYTHING, type Head, readHead, straysBegin } from './record.ts'
import type { OutboxStorage, StoredRecord, StoredRow } from './storage.ts'

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
  /** For which server, and by which clock. */
  readonly exchange: Exchange
}

type Listed = Pick<Claim, 'id' | 'head'>
type Taken = Pick<Claim, 'id' | 'head' | 'rows'> & {
  /** [OB4] Those of the rows, the last ones, that are nobody's. */
  readonly strays: readonly StoredRow[]
}

/** [OB4] Whose the writes that are nobody's shall be: undefined for nobody's still; false: they are removed. */
export type Heir = Person | false

/** How long a storage may take to bring a record, or to settle; then the page goes on without it. Milliseconds. */
const PATIENCE_MS = 4_000
/** What strangers have left is removed when nobody has come for it in so long, 30 days in milliseconds. */
const FORGOTTEN_MS = 30 * 24 * 3_600_000

export class Claims {
  readonly #options: ClaimsOptions
  readonly #url: string
  /** One after the other: a record that is being looked at would be passed over. */
  #settled = Promise.resolve(0)

  constructor(options: ClaimsOptions) {
    this.#options = options
    this.#url = options.exchange.options.url
  }

  /** The one to write under. `person`: undefined where that is not known yet. Rejects where the storage does not bring it. */
  mine(person: Person): Promise<Claim> {
    return this.inTime(this.#mine(person), ({ id }) => this.#options.storage.release(id))
  }

  /** A new one that is not in the storage yet. */
  fresh(person: Person): Claim {
    const { clock, chance } = this.#options.exchange
    const head: Head = {
      format: 1,
      producer: chance.token(PRODUCER_LENGTH),
      epoch: 0,
      url: this.#url,
      user: person,
      sentUpTo: 0,
      usedAt: clock.now(),
    }
    return { id: chance.token(PRODUCER_LENGTH), head, rows: [], isHeld: false, isThere: false }
  }

  /** One that a closed page has left, with something in it that this person's page may send; the oldest first. */
  async orphan(person: string | null): Promise<Claim | undefined> {
    for (const { id, head } of (await this.#list()).reverse()) {
      const isOurs = head.url === this.#url && head.user === person
      if (!isOurs && !this.#isForgotten(head.usedAt)) continue
      const claim = await this.#take(id, async (taken) => {
        const { rows, strays } = taken
        if (isOurs && rows.length > strays.length) return this.#adopt(taken, person)
        // Written after the head, by a page that was open for very long.
        const isUsed = rows.some(({ value }) => !this.#isForgotten((value as { at?: number }).at))
        if (!isUsed) await this.#remove(id)
        return undefined
      })
      if (claim) return claim
    }
    return undefined
  }

  /** [OB4] Gives away what is nobody's, in all records that no page holds. Resolves with how many writes that were. */
  settle(heir: Heir): Promise<number> {
    const failed = (error: unknown) => Promise.reject(storageProblem('cannot be written to', error))
    const settle = () => this.#settle(heir).catch(failed)
    return (this.#settled = this.#settled.then(settle, settle))
  }

  async #settle(heir: Heir): Promise<number> {
    let count = 0
    for (const { id, head } of await this.#list()) {
      if (head.url !== this.#url || straysBegin(head) === EVERYTHING) continue
      await this.#take(id, async (taken) => {
        count += taken.strays.length
        if (heir !== undefined) await this.#part(taken, heir)
        return undefined
      })
    }
    return count
  }

  async #mine(person: Person): Promise<Claim> {
    for (const { id, head } of await this.#list()) {
      const isMeant = person === undefined || head.user === person
      if (head.url !== this.#url || head.epoch >= LAST_EPOCH || !isMeant) continue
      const claim = await this.#take(id, (taken) => this.#adopt(taken, person))
      if (claim) return claim
    }
    const claim = this.fresh(person)
    return { ...claim, isHeld: await this.#options.storage.hold(claim.id) }
  }

  /** Rejects where the storage fails, or does not answer. `late`: what becomes of an answer after that. */
  inTime<T>(work: Promise<T>, late?: (result: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = this.#options.exchange.clock.setTimer(PATIENCE_MS, () => {
        work.then(late, () => {})
        reject(storageProblem('does not answer'))
      })
      work.then(resolve, reject).finally(stop)
    })
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
    await this.#hold(id, async (record) => {
      try {
        if (record) readHead(record.head)
      } catch (error) {
        this.#options.exchange.report(error as TidingsError)
        await this.#remove(id)
      }
      return undefined
    })
  }

  /** `work` is not done where somebody else holds the record, or has removed it. */
  #take(id: string, work: (taken: Taken) => Promise<Claim | undefined>): Promise<Claim | undefined> {
    return this.#hold(id, async (record) => {
      const head = record && readHead(record.head)
      if (!record || !head) return undefined
      const { rows } = record
      return work({ id, head, rows, strays: rows.filter(({ order }) => order >= straysBegin(head)) })
    })
  }

  /** Holds the record for as long as `work` takes, and on where that brings a claim. */
  async #hold(
    id: string,
    work: (record: StoredRecord | undefined) => Promise<Claim | undefined>,
  ): Promise<Claim | undefined> {
    const { storage } = this.#options
    if (!(await storage.hold(id))) return undefined
    let claim: Claim | undefined
    try {
      claim = await work(await storage.read(id))
    } finally {
      if (!claim) storage.release(id)
    }
    return claim
  }

  /** `person`: as for `mine`. */
  async #adopt(taken: Taken, person: Person): Promise<Claim> {
    const { id, head: before, rows, strays } = taken
    const { epoch, user, sentUpTo } = before
    // In a record that is no person's they stay where they are: somebody anonymous shows and sends them.
    const own = user == null ? rows : rows.slice(0, rows.length - strays.length)
    if (user != null) await this.#part(taken, undefined)
    let head: Head = { ...before, epoch: epoch + 1, strayFrom: 0 }
    // Somebody's, and nobody has said yet who this page is: what it writes is nobody's, and not sent before that is known.
    if (person === undefined && user !== undefined) {
      const strayFrom = (user === null && before.strayFrom) || 1 + (own.at(-1)?.order ?? 0)
      head = { ...head, strayFrom, sentUpTo: Math.min(sentUpTo, strayFrom - 1) }
    }
    await this.#options.storage.commit([{ id, head }])
    return { id, head, rows: own, isHeld: true, isThere: true }
  }

  /** [OB4] Takes what is nobody's out of a record, and puts it into one of the heir's. */
  async #part({ id, head, strays }: Taken, heir: Heir): Promise<void> {
    if (strays.length === 0) return
    const { storage } = this.#options
    const { user, epoch } = head
    const removal = { id, remove: strays.map(({ order }) => order), isOver: user === undefined }
    if (heir === false) return storage.commit([removal])
    // On a full disk somebody anonymous may have sent them already: under the name that they had the log knows them.
    if (user == null && heir === null)
      return storage.commit([{ id, head: { ...head, user: null, strayFrom: 0 } }])
    const next = this.fresh(heir)
    await storage.hold(next.id)
    // [OB3] They keep their numbers, which are of this epoch at the most.
    const addition = { id: next.id, head: { ...next.head, epoch }, put: strays }
    await storage.commit([removal, addition]).finally(() => storage.release(next.id))
  }

  #remove(id: string): Promise<void> {
    return this.#options.storage.commit([{ id, isOver: true }])
  }

  #isForgotten(at = 0): boolean {
    return !(this.#options.exchange.clock.now() - at <= FORGOTTEN_MS)
  }
}
