// Keeps the outbox of one client beyond its page: takes up the record that an earlier page has left, gives its writes back,
// has every change written down, and sees to it that nobody sends what somebody else has written [OB1–OB9].

import { TidingsError } from '@tidings/core'
import type { LiveChannel } from './channel.ts'
import { type Claim, Claims, type Person } from './claims.ts'
import type { Exchange } from './exchange.ts'
import { type HeirKeeper, Heirs } from './heirs.ts'
import { type Handed, Ledger, type LedgerOwner } from './ledger.ts'
import type { StorageState } from './outbox.ts'
import { EVERYTHING, readRow } from './record.ts'
import type { OutboxStorage, StoredRow } from './storage.ts'
import { Write } from './write.ts'

export interface KeeperOptions {
  readonly storage: OutboxStorage
  readonly exchange: Exchange
  /** Who is signed in, where the app says so. */
  readonly user: string | undefined
  /** [OB4] Told how many writes of nobody's wait. */
  readonly show: (strays: number) => void
  /** The record to go on with, and nothing else: this is an heir. */
  readonly claim?: Claim | undefined
}

export class OutboxKeeper implements HeirKeeper, LedgerOwner {
  state: StorageState = { name: 'opening' }
  /** Who writes: as the server has said last, or as the app does meanwhile. */
  person: Person
  closed: Promise<void> = Promise.resolve()
  readonly claims: Claims
  /** Undefined for an heir. */
  readonly heirs: Heirs | undefined
  readonly #options: KeeperOptions
  /** Writes of earlier pages: nobody here waits for their answers. */
  readonly #kept = new WeakSet<Write>()
  /** Undefined before the first record, and between two. */
  #ledger: Ledger | undefined
  /** Between two: the first of them. */
  #left: Ledger | undefined
  #ready: Promise<void> | undefined
  /** Whether the server has said that the record's owner is who this page speaks for. */
  isConfirmed = false
  isClosed = false

  constructor(options: KeeperOptions) {
    const { storage, exchange, user, claim, show } = options
    this.#options = options
    this.person = user
    this.claims = new Claims({ storage, exchange })
    const keep = (own: Exchange, orphan: Claim) =>
      new OutboxKeeper({ ...options, exchange: own, claim: orphan })
    if (!claim) this.heirs = new Heirs({ exchange, claims: this.claims, keep, show })
  }

  ready(): Promise<void> {
    return (this.#ready ??= this.#open())
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
    if (status.error.code === 'fenced') this.#moveOn(isUnsent, takenOver())
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
    this.person = person
    const owner = ledger.head.user
    const hasKept = outbox.writes.some((write) => this.#kept.has(write))
    const isOwner = owner === undefined ? person === null || !hasKept : owner === person
    if (!isOwner) return this.#mistaken()
    this.isConfirmed = true
    // The name is the one that the outbox has had all along.
    outbox.you = undefined
    outbox.rename(you)
    const isUsed = outbox.writes.length > 0
    const usedAt = clock.now()
    ledger.note({ user: person, strayFrom: 0, you, sentUpTo: EVERYTHING, usedAt }, isUsed)
    this.heirs?.begin(person)
  }

  dropped(): void {
    this.#ledger?.noteSent()
    this.heirs?.stop()
  }

  doubt(): void {
    this.#ledger?.doubt()
  }

  close(error: TidingsError): void {
    const { outbox } = this.#options.exchange
    this.isClosed = true
    this.isConfirmed = false
    this.heirs?.stop()
    for (const write of outbox.writes) {
      if (write.isStored) write.abandon(error)
      else outbox.refuse(write, error)
    }
    const isHeir = this.#options.claim !== undefined
    const left = Promise.resolve(this.#ready).then(() => this.#ledger?.close(isHeir))
    this.closed = Promise.all([left, this.heirs?.stopped]).then(() => {})
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
    this.#moveOn((write) => !write.isStored && isUnsent(write), takenOver())
  }

  surrendered(writes: readonly Write[]): void {
    const { outbox } = this.#options.exchange
    for (const write of writes) if (outbox.writes.includes(write)) outbox.refuse(write, takenOver())
  }

  // ── From one record to the next ─────────────────────────────────────────────────────────────────────────────────────

  async #open(): Promise<void> {
    this.#begin(this.#options.claim ?? (await this.#claim()))
  }

  /** Where the storage brings none, a new one that is stored as soon as it can. */
  async #claim(): Promise<Claim> {
    try {
      return await this.claims.mine(this.person)
    } catch (error) {
      const message = 'The outbox has no storage; what is written lives as long as the page.'
      this.#become({ name: 'failing', error: new TidingsError('unavailable', message, { cause: error }) })
      return this.claims.fresh(this.person)
    }
  }

  #begin({ id, head, rows, isHeld, isThere }: Claim, handed?: Handed): void {
    const { exchange, storage } = this.#options
    const { outbox, batch, clock } = exchange
    const ledger = new Ledger({ storage, id, head, isHeld, isThere, handed, exchange, owner: this })
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
  #mistaken(): void {
    // What this page has written before anybody said whose it is.
    const isNobodys = this.#options.user === undefined && !this.isConfirmed
    const isTheirs = (write: Write) => isNobodys && !this.#kept.has(write) && isUnsent(write)
    const message = 'Somebody else has written it, on this device: it waits until they are back.'
    this.#moveOn(isTheirs, new TidingsError('forbidden', message))
  }

  /** Goes on with another record, over another connection. What is not carried there stays where it is, for whoever it belongs to. */
  #moveOn(isCarried: (write: Write) => boolean, error: TidingsError): void {
    const { exchange, claim } = this.#options
    const left = this.#ledger
    if (!left || this.isClosed) return
    // An heir has nothing else to go on with.
    if (claim) return exchange.disconnect()
    this.#ledger = undefined
    this.isConfirmed = false
    for (const write of exchange.outbox.writes) if (!isCarried(write)) exchange.outbox.refuse(write, error)
    this.#left = left
    this.#ready = this.#move(left)
    exchange.driver.tell({ type: 'reconnectAsked' })
  }

  async #move(left: Ledger): Promise<void> {
    const handed = await left.handOver(this.#options.exchange.outbox.writes)
    this.#begin(await this.#claim(), handed)
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
