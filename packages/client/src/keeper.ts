// Keeps the outbox of one client beyond its page: takes up the record that an earlier page has left, gives its writes back,
// has every change written down, and sees to it that nobody sends what somebody else has written [OB1–OB9].

import { TidingsError } from '@tidings/core'
import type { LiveChannel } from './channel.ts'
import { type Claim, Claims, type Person } from './claims.ts'
import type { Exchange } from './exchange.ts'
import { type HeirKeeper, Heirs } from './heirs.ts'
import { type Handed, Ledger, type LedgerOwner } from './ledger.ts'
import { type StorageState, Write } from './outbox.ts'
import { EVERYTHING, readRow } from './record.ts'
import type { OutboxStorage, StoredRow } from './storage.ts'

export interface KeeperOptions {
  readonly storage: OutboxStorage
  readonly exchange: Exchange
  /** Who is signed in, where the app says so. */
  readonly user: string | undefined
  /** The record to go on with, and nothing else: this is an heir. */
  readonly claim?: Claim | undefined
}

export class OutboxKeeper implements HeirKeeper, LedgerOwner {
  state: StorageState = { name: 'opening' }
  closed: Promise<void> = Promise.resolve()
  readonly #options: KeeperOptions
  readonly #claims: Claims
  readonly #heirs: Heirs | undefined
  /** Writes of earlier pages: nobody here waits for their answers. */
  readonly #kept = new WeakSet<Write>()
  /** Undefined before the first record, and between two. */
  #ledger: Ledger | undefined
  /** Between two: the first of them. */
  #left: Ledger | undefined
  #ready: Promise<void> | undefined
  /** Whether the server has said that the record's owner is who this page speaks for. */
  #isConfirmed = false
  isClosed = false

  constructor(options: KeeperOptions) {
    const { storage, exchange, user, claim } = options
    const { clock, chance } = exchange
    this.#options = options
    this.#claims = new Claims({
      storage,
      url: exchange.options.url,
      clock,
      chance,
      report: (error) => exchange.report(error),
    })
    const keep = (own: Exchange, orphan: Claim) =>
      new OutboxKeeper({ storage, exchange: own, user, claim: orphan })
    if (!claim) this.#heirs = new Heirs({ exchange, claims: this.#claims, keep })
  }

  /** Who writes: as the server has it, or as the record or the app says meanwhile. */
  get person(): Person {
    return this.#ledger ? this.#ledger.head.user : this.#options.user
  }

  ready(): Promise<void> {
    this.#ready ??= this.#open()
    return this.#ready
  }

  // ── For the outbox ──────────────────────────────────────────────────────────────────────────────────────────────────

  changed(write: Write): void {
    const ledger = this.#ledger
    const status = write.status.get()
    if (status.name === 'queued' || status.name === 'sent') {
      if (ledger?.has(write) === false) ledger.add(write)
      return
    }
    // On the way to the next record what is over leaves the first.
    const current = ledger ?? this.#left
    current?.remove(write, status.name === 'refused')
    if (!ledger || status.name !== 'refused') return
    if (status.error.code === 'fenced') this.#moveOn(this.person, isUnsent, takenOver())
    else if (this.#kept.has(write)) this.#options.exchange.outbox.giveBack([write])
  }

  maySend(write: Write): boolean {
    return this.#ledger?.maySend(write) ?? false
  }

  // ── For the exchange ────────────────────────────────────────────────────────────────────────────────────────────────

  opened(channel: LiveChannel): void {
    const { outbox } = this.#options.exchange
    for (const write of outbox.writes) {
      if (!this.#kept.has(write) || write.channel !== channel.ref.name) continue
      try {
        channel.restore(write)
      } catch (cause) {
        const message = 'It was written on an earlier page, and the contract of this one cannot read it.'
        const unreadable = new TidingsError('invalid-data', message, { channel: write.channel, cause })
        outbox.refuse(write, cause instanceof TidingsError ? cause : unreadable)
      }
    }
  }

  welcomed(you: string, user: string | undefined): void {
    const { outbox, clock } = this.#options.exchange
    const ledger = this.#ledger
    if (!ledger) return
    const person = user ?? null
    const owner = ledger.head.user
    const hasKept = outbox.writes.some((write) => this.#kept.has(write))
    const isOwner = owner === undefined ? person === null || !hasKept : owner === person
    if (!isOwner) return this.#mistaken(person)
    this.#isConfirmed = true
    // The name is the one that the outbox has had all along.
    outbox.you = undefined
    outbox.rename(you)
    const isUsed = outbox.writes.length > 0
    const usedAt = clock.now()
    ledger.note({ user: person, strayFrom: 0, you, sentUpTo: EVERYTHING, usedAt }, isUsed)
    this.#heirs?.begin(person)
  }

  dropped(): void {
    this.#ledger?.noteSent()
    this.#heirs?.stop()
  }

  doubt(): void {
    this.#ledger?.doubt()
  }

  close(error: TidingsError): void {
    const { outbox } = this.#options.exchange
    this.isClosed = true
    this.#heirs?.stop()
    for (const write of outbox.writes) {
      if (write.isStored) write.abandon(error)
      else outbox.refuse(write, error)
    }
    const isHeir = this.#options.claim !== undefined
    const left = Promise.resolve(this.#ready).then(() => this.#ledger?.close(isHeir))
    this.closed = Promise.all([left, this.#heirs?.stopped]).then(() => {})
  }

  // ── For the ledger ──────────────────────────────────────────────────────────────────────────────────────────────────

  committed(problem: TidingsError | undefined): void {
    this.#become(problem ? { name: 'failing', error: problem } : READY)
    // What had to be written down before it could be sent may leave now.
    this.#options.exchange.schedule()
  }

  cleared(): void {
    const message = "The outbox's storage was cleared underneath; what is pending is stored once more."
    this.#options.exchange.report(new TidingsError('unavailable', message))
  }

  lost(): void {
    // What is stored is whoever's the record is now.
    const isOurs = (write: Write) => !write.isStored && isUnsent(write)
    // [OB4] Where this page was not welcome yet, whose it was says nothing of who this page is.
    this.#moveOn(this.#ledger?.head.strayFrom ? undefined : this.person, isOurs, takenOver())
  }

  surrendered(writes: readonly Write[]): void {
    const { outbox } = this.#options.exchange
    for (const write of writes) if (outbox.writes.includes(write)) outbox.refuse(write, takenOver())
  }

  // ── From one record to the next ─────────────────────────────────────────────────────────────────────────────────────

  async #open(): Promise<void> {
    const { user, claim } = this.#options
    this.#begin(claim ?? (await this.#claim(user)))
  }

  /** Where the storage brings none, a new one that is stored as soon as it can. */
  async #claim(person: Person): Promise<Claim> {
    try {
      return await this.#claims.mine(person)
    } catch (error) {
      const message = 'The outbox has no storage; what is written lives as long as the page.'
      this.#become({ name: 'failing', error: new TidingsError('unavailable', message, { cause: error }) })
      return this.#claims.fresh(person)
    }
  }

  #begin({ id, head, rows, isHeld, isThere }: Claim, handed?: Handed): void {
    const { exchange, storage } = this.#options
    const { outbox, batch, clock, chance, backoff } = exchange
    const ledger = new Ledger({
      ...{ storage, id, head, isHeld, isThere, handed },
      ...{ clock, chance, backoff, batch, owner: this },
    })
    batch.run(() => {
      const kept = rows.flatMap((row) => this.#restore(row, ledger))
      outbox.begin({ producer: head.producer, epoch: head.epoch, you: head.you, kept })
      for (const write of outbox.writes) if (!ledger.has(write)) ledger.add(write)
      this.#ledger = ledger
      this.#left = undefined
      for (const channel of exchange.channels) this.opened(channel)
      outbox.expire(clock.now())
      exchange.renamed()
      if (isHeld) this.#become(READY)
    })
  }

  #restore(row: StoredRow, ledger: Ledger): Write[] {
    const { exchange } = this.#options
    try {
      const { order, channel, event, text, sequence, at, data } = readRow(row)
      const bytes = new TextEncoder().encode(text).length
      const draft = { channel, event, text, data, value: undefined, bytes, at }
      const write = new Write(
        exchange.outbox,
        draft,
        sequence,
        order <= ledger.head.sentUpTo ? 'sent' : 'queued',
      )
      ledger.know(write, order)
      this.#kept.add(write)
      return [write]
    } catch (error) {
      // readRow says what is wrong.
      exchange.report(error as TidingsError)
      ledger.discard(row.order)
      return []
    }
  }

  /** [AU7] [OB4] The record is another person's: it waits for them. */
  #mistaken(person: string | null): void {
    // What this page has written before anybody said whose it is.
    const isNobodys = this.#options.user === undefined && !this.#isConfirmed
    const isTheirs = (write: Write) => isNobodys && !this.#kept.has(write) && isUnsent(write)
    const message = 'Somebody else has written it, on this device: it waits until they are back.'
    this.#moveOn(person, isTheirs, new TidingsError('forbidden', message))
  }

  /** Goes on with another record, over another connection. What is not carried there stays where it is, for whoever it belongs to. */
  #moveOn(person: Person, isCarried: (write: Write) => boolean, error: TidingsError): void {
    const { exchange, claim } = this.#options
    const left = this.#ledger
    if (!left || this.isClosed) return
    // An heir has nothing else to go on with.
    if (claim) return exchange.disconnect()
    this.#ledger = undefined
    this.#isConfirmed = false
    for (const write of exchange.outbox.writes) if (!isCarried(write)) exchange.outbox.refuse(write, error)
    this.#left = left
    this.#ready = this.#move(left, person)
    exchange.driver.tell({ type: 'reconnectAsked' })
  }

  async #move(left: Ledger, person: Person): Promise<void> {
    const handed = await left.handOver(this.#options.exchange.outbox.writes)
    this.#begin(await this.#claim(person), handed)
  }

  #become(state: StorageState): void {
    const { exchange } = this.#options
    if (this.state.name === state.name) return
    if (state.name === 'failing') exchange.report(state.error)
    this.state = state
    exchange.outbox.storage.changed()
  }
}

const READY: StorageState = { name: 'ready' }

const isUnsent = (write: Write) => write.status.get().name === 'queued'

function takenOver(): TidingsError {
  return new TidingsError('fenced', 'Another page has taken over what this one had written, and sends it.')
}
