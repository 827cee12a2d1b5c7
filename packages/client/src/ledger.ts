// Writes one record down: gathers what one turn changes into one commit, one commit at a time, and tries again what the
// storage could not take. Says what is stored; whose record it is, and what belongs in it, is the keeper's affair.

import { backoffDelayMs, TidingsError } from '@tidings/core'
import { Alarm } from './alarm.ts'
import type { Exchange } from './exchange.ts'
import { type Head, straysBegin, toRow } from './record.ts'
import type { OutboxStorage, RecordChange } from './storage.ts'
import type { Write } from './write.ts'

/** What a ledger tells its keeper. */
export interface LedgerOwner {
  /** A commit was done. With a problem: it failed, or takes too long, and is tried again. */
  committed(problem: TidingsError | undefined): void
  /** Somebody has emptied the storage: everything is written down once more. */
  cleared(): void
  /** Somebody else holds the record: nothing is written to it any more. */
  lost(): void
  /** Somebody else holds the record that these were to come from, and sends them. */
  surrendered(writes: readonly Write[]): void
}

export interface LedgerOptions {
  readonly storage: OutboxStorage
  readonly id: string
  readonly head: Head
  /** Whether this page holds the record already, and whether it exists. */
  readonly isHeld: boolean
  readonly isThere: boolean
  /** Whose clock and chance it goes by. */
  readonly exchange: Exchange
  readonly owner: LedgerOwner
  /** What another ledger of this page has given up for this one. */
  readonly handed: Handed | undefined
}

/**
 * Writes on their way from one record to the next. Until they stand in the next one they stand in the first, which is held so
 * long, and nobody sends them: what stood in both would take effect twice.
 */
export interface Handed {
  /** What takes each out of the first one. */
  readonly removals: ReadonlyMap<Write, RecordChange>
  /** Records to let go of afterwards. */
  readonly held: readonly string[]
}

interface Row {
  readonly order: number
  stage: 'new' | 'on its way' | 'stored'
  /** [OB4] Where it stands, if it does, it stands as nobody's: others would send it as well, and under another name. */
  isStray?: boolean
}

/** Removals wait for company: so long, in milliseconds, and for so many. One that is lost costs a duplicate, not more. */
const PRUNE_MS = 1_000
const PRUNE_AT = 256
/** A commit that takes longer counts as failing for as long as it takes, in milliseconds. */
const PATIENCE_MS = 5_000

export class Ledger {
  readonly #options: LedgerOptions
  readonly #rows = new Map<Write, Row>()
  readonly #retry: Alarm
  readonly #prune: Alarm
  readonly #patience: Alarm
  #head: Head
  /** The head's `sentUpTo` as it is stored, at least. */
  #storedUpTo: number
  #lastOrder = 0
  #removed: number[] = []
  #isHeadNew = false
  #isHeld: boolean
  #isThere: boolean
  #failures = 0
  #isSlow = false
  /** Something waits to be written down, and does not wait for company. */
  #isDue = false
  #isScheduled = false
  #isOver = false
  /** Until it is written down here. */
  #handed: Handed | undefined
  #work: Promise<void> | undefined

  constructor(options: LedgerOptions) {
    const { head, isHeld, isThere, exchange, owner, handed } = options
    const { clock } = exchange
    this.#options = options
    this.#head = head
    this.#storedUpTo = head.sentUpTo
    this.#isHeld = isHeld
    this.#isThere = isThere
    this.#handed = handed
    this.#retry = new Alarm(clock, () => this.#start())
    this.#prune = new Alarm(clock, () => this.#schedule())
    this.#patience = new Alarm(clock, () => {
      this.#isSlow = true
      owner.committed(storageProblem('does not answer'))
    })
    // Who does not hold it has tried a moment ago.
    if (!isHeld) this.#tryLater()
    if (handed?.removals.size === 0) this.#letGo()
    // What is taken back meanwhile leaves nothing to write down here, and still has to leave the other record.
    else if (handed) this.#schedule()
  }

  get head(): Head {
    return this.#head
  }

  has(write: Write): boolean {
    return this.#rows.has(write)
  }

  // ── What belongs in it ──────────────────────────────────────────────────────────────────────────────────────────────

  /** It is there already. */
  know(write: Write, order: number): void {
    this.#rows.set(write, { order, stage: 'stored' })
    this.#lastOrder = Math.max(this.#lastOrder, order)
    write.isStored = true
  }

  /** It is there already, and of no use to anybody. */
  discard(order: number): void {
    this.#lastOrder = Math.max(this.#lastOrder, order)
    this.#removed.push(order)
    this.#schedule()
  }

  add(write: Write): void {
    this.#rows.set(write, { order: ++this.#lastOrder, stage: 'new' })
    this.#schedule()
  }

  /** `isUrgent`: it may not come back after a crash. What was accepted may: sent again, it is a duplicate. */
  remove(write: Write, isUrgent: boolean): void {
    const row = this.#rows.get(write)
    if (!row) return
    this.#rows.delete(write)
    if (row.stage === 'new') return
    this.#removed.push(row.order)
    if (isUrgent || this.#removed.length >= PRUNE_AT) this.#schedule()
    else if (!this.#prune.isSet && !this.#isOver) this.#prune.set(PRUNE_MS)
  }

  /** `isUrgent`: now; otherwise together with whatever comes next. */
  note(change: Partial<Head>, isUrgent: boolean): void {
    this.#head = { ...this.#head, ...change }
    this.#isHeadNew = true
    if (isUrgent) this.#schedule()
  }

  /** The connection has ended: what comes from now on is known not to have been sent. */
  noteSent(): void {
    let sentUpTo = 0
    for (const [write, { order }] of this.#rows) if (write.status.get().name === 'sent') sentUpTo = order
    this.note({ sentUpTo }, false)
  }

  /**
   * [OB5] Where the platform does not hold the record for this page, whoever holds it now may have sent what waits here: the
   * next commit tells. One that is on its way already was asked too early.
   */
  doubt(): void {
    if (this.#options.storage.isExclusive || this.#rows.size === 0) return
    for (const write of this.#rows.keys()) write.contest = 'due'
    this.note({}, true)
  }

  /**
   * Whether a later page would know of this write that it may have been sent: else it would show it beside its own entry. And,
   * where the platform does not hold the record for this page, whether the write is still this page's to send. A storage that
   * fails is not waited for, but for what still stands in another record, or as nobody's.
   */
  maySend(write: Write): boolean {
    const { isExclusive } = this.#options.storage
    const row = this.#rows.get(write)
    if (this.#handed?.removals.has(write)) return false
    if (row?.isStray && row.stage !== 'new' && this.#head.user !== null) return false
    if (!row || this.#isSlow) return true
    const { order, stage } = row
    if (stage === 'new') return (isExclusive || this.#failures > 0) && this.#head.sentUpTo >= order
    if (stage === 'stored' && this.#failures > 0) return true
    return (isExclusive || stage === 'stored') && this.#storedUpTo >= order
  }

  // ── The end of it ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Writes down everything else and gives these up. What it has held is still held. */
  async handOver(writes: readonly Write[]): Promise<Handed> {
    // The end of one commit may be the beginning of the next.
    while (this.#work) await this.#work
    const { id } = this.#options
    const before = this.#handed
    this.#handed = undefined
    const removals = new Map<Write, RecordChange>()
    for (const write of writes) {
      const row = this.#rows.get(write)
      const removal = row?.stage === 'stored' ? { id, remove: [row.order] } : before?.removals.get(write)
      if (removal) removals.set(write, removal)
    }
    // Those that nobody takes on stay where they stand.
    for (const write of [...writes, ...(before?.removals.keys() ?? [])]) this.#rows.delete(write)
    await this.#finish()
    return { removals, held: [id, ...(before?.held ?? [])] }
  }

  /** Writes down what is left, and lets go of the record. An empty one `isDone` with: it is removed. */
  async close(isDone = false): Promise<void> {
    await this.#finish()
    const { storage, id } = this.#options
    if (isDone && this.#rows.size === 0 && this.#isThere)
      await storage.commit([{ id, isOver: true }]).catch(() => {})
    storage.release(id)
    this.#letGo()
  }

  async #finish(): Promise<void> {
    const isOver = this.#isOver
    this.#isOver = true
    this.#retry.stop()
    this.#prune.stop()
    this.#patience.stop()
    await this.#work
    if (!isOver && this.#failures === 0 && (this.#isDue || this.#removed.length > 0)) await this.#commit()
  }

  // ── Commits ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #schedule(): void {
    this.#isDue = true
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#options.exchange.clock.endOfTurn(() => {
      this.#isScheduled = false
      this.#start()
    })
  }

  #start(): void {
    if (this.#work || this.#isOver || !this.#isDue || this.#retry.isSet) return
    this.#work = this.#commit().then(() => {
      this.#work = undefined
      this.#start()
    })
  }

  async #commit(): Promise<void> {
    const { storage, owner, exchange, id } = this.#options
    const gathered = this.#gather()
    if (!gathered) return
    const { changes } = gathered
    this.#patience.set(PATIENCE_MS)
    let failure: unknown
    try {
      if (!this.#isHeld && !(await storage.hold(id))) throw storageProblem('is held by somebody else')
      this.#isHeld = true
      await storage.commit(changes)
    } catch (error) {
      failure = error ?? storageProblem('failed')
    }
    this.#patience.stop()
    this.#isSlow = false
    exchange.batch.run(() => {
      if (failure === undefined) this.#done(gathered)
      else this.#failed(gathered, failure)
    })
    if (failure === undefined) owner.committed(undefined)
    else if (this.#failures > 0) owner.committed(storageProblem('cannot be written to', failure))
  }

  #gather(): Gathered | undefined {
    const { id } = this.#options
    this.#isDue = false
    this.#prune.stop()
    // A page that has written nothing needs no record.
    if (!this.#isThere && this.#rows.size === 0 && !this.#handed) return undefined
    const remove = this.#removed
    this.#removed = []
    // What did not fit may fit once something has gone.
    if (this.#failures > 0 && this.#isThere && remove.length > 0) {
      this.#isDue = true
      return { changes: [{ id, remove }], head: undefined, remove, writes: [], handed: undefined }
    }
    const rows = [...this.#rows].filter(([, { stage }]) => stage === 'new')
    for (const [, row] of rows) {
      row.stage = 'on its way'
      row.isStray = row.order >= straysBegin(this.#head)
    }
    for (const write of this.#rows.keys()) if (write.contest === 'due') write.contest = 'asked'
    // [OB1] With every row, though it be the same: rows under a head that nobody can read any more would be lost.
    const head = this.#isHeadNew || rows.length > 0 || !this.#isThere ? this.#head : undefined
    this.#isHeadNew = false
    // Until it is there, nobody knows which of the two is.
    if (head) this.#storedUpTo = Math.min(this.#storedUpTo, head.sentUpTo)
    const content = { id, remove, put: rows.map(([write, { order }]) => toRow(write, order)) }
    // The rows alone come first, and are refused where there is no record any more: somebody has emptied the storage.
    const isKnown = head !== undefined && this.#isThere
    const own: RecordChange[] = isKnown ? [content, { id, head }] : [{ ...content, head }]
    const handed = this.#handed
    const changes = [...(handed?.removals.values() ?? []), ...own]
    return { changes, head, remove, writes: rows.map(([write]) => write), handed }
  }

  #done({ head, writes, handed }: Gathered): void {
    this.#failures = 0
    if (handed) this.#letGo()
    if (head) {
      this.#isThere = true
      this.#storedUpTo = head.sentUpTo
      for (const row of this.#rows.values()) row.isStray &&= row.order >= straysBegin(head)
    }
    for (const write of writes) {
      const row = this.#rows.get(write)
      if (!row) continue
      row.stage = 'stored'
      write.stored(true)
    }
    for (const write of this.#rows.keys()) if (write.contest === 'asked') write.confirmed()
  }

  #failed({ head, remove, writes, handed }: Gathered, error: unknown): void {
    const { owner } = this.#options
    for (const write of writes) {
      const row = this.#rows.get(write)
      if (row) row.stage = 'new'
    }
    this.#removed = [...remove, ...this.#removed]
    if (head) this.#isHeadNew = true
    const code = error instanceof TidingsError ? error.code : undefined
    // Which of the records is meant, nobody says: the next commit, of this one alone, will tell.
    if (handed && (code === 'fenced' || code === 'not-found')) {
      this.#isDue = true
      this.#letGo()
      // Where the other one is not there any more, neither are they.
      if (code === 'fenced') owner.surrendered([...handed.removals.keys()])
      return
    }
    if (code === 'fenced') {
      this.#isOver = true
      return owner.lost()
    }
    this.#isDue = true
    if (code === 'not-found' && this.#isThere) return this.#cleared()
    this.#tryLater()
  }

  #letGo(): void {
    for (const id of this.#handed?.held ?? []) this.#options.storage.release(id)
    this.#handed = undefined
  }

  #tryLater(): void {
    const { backoff, chance } = this.#options.exchange
    this.#failures++
    if (!this.#isOver) this.#retry.set(backoffDelayMs(backoff, this.#failures, chance))
  }

  #cleared(): void {
    this.#isThere = false
    this.#removed = []
    for (const [write, row] of this.#rows) {
      if (row.stage === 'stored') write.stored(false)
      row.stage = 'new'
    }
    this.#options.owner.cleared()
  }
}

interface Gathered {
  readonly changes: readonly RecordChange[]
  readonly head: Head | undefined
  readonly remove: readonly number[]
  /** Those whose rows it puts. */
  readonly writes: readonly Write[]
  readonly handed: Handed | undefined
}

export function storageProblem(what: string, cause?: unknown): TidingsError {
  // A browser that has no room says so by the name of its error alone.
  const why = cause instanceof Error ? `: ${cause.message || cause.name}` : '.'
  return new TidingsError('unavailable', `The outbox's storage ${what}${why}`, { cause })
}
