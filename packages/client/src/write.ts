// One write of this client: what it says, its number, and what became of it, as the app sees it and as the outbox keeps it.
// When it is sent, and what an answer means for it, outbox.ts decides.

import type { Position, TidingsError } from '@tidings/core'
import { type Batch, type Source, Value } from './source.ts'

export type PublicationStatus =
  /** Waits for its turn: for a connection, or for a pause that the server asked for. */
  | { readonly name: 'queued' }
  /** On its way; the server has not answered. It may be in the log already. */
  | { readonly name: 'sent' }
  /** In the log, at `position`. `isDuplicate`: it had been accepted before, and only the answer was lost. */
  | { readonly name: 'accepted'; readonly position: Position; readonly isDuplicate: boolean }
  /** Not in the log, and not tried again. */
  | { readonly name: 'refused'; readonly error: TidingsError }
  /** Handed to a server that acknowledges nothing, and not tried again: whether it took effect, nobody says. */
  | { readonly name: 'unconfirmed'; readonly error: TidingsError }

/** One write of this client. */
export interface Publication {
  /** Unique within its channel; the id of the entry that it becomes. Begins with `local:` before the first welcome. */
  readonly id: string
  readonly channel: string
  readonly event: string
  /** As it goes over the wire. */
  readonly data: unknown
  readonly status: Source<PublicationStatus>
  /** Whether it outlives this page: it is in the outbox's storage. `status` tells when that changes. */
  readonly isStored: boolean
  /**
   * Resolves with its place in the log; rejects with the TidingsError that refused it, or with `unavailable` when the client
   * was closed before. May be left alone.
   */
  readonly done: Promise<Position>
}

/** What publish() was given, checked. */
export interface Draft {
  readonly channel: string
  readonly event: string
  /** JSON, as it is sent, and what that JSON holds. */
  readonly text: string
  readonly data: unknown
  /** What the contract's schema makes of it: what folds are given. */
  readonly value: unknown
  readonly bytes: number
  /** Wall milliseconds since 1970. */
  readonly at: number
}

/** Whose write it is. */
export interface Writer {
  /** Its public name, once the server has said it. */
  readonly you: string | undefined
  readonly batch: Batch
  /** A write's status is another one now. */
  changed(write: Write): void
}

export class Write implements Publication {
  draft: Draft
  /** [PB2] Number among the writes to this channel; never changes once it was sent or stored. */
  sequence: number
  /** Hears of every change of the status. */
  onChange: () => void = () => {}
  isStored = false
  readonly status: Value<PublicationStatus>
  readonly done: Promise<Position>
  /** The open request that carries it. */
  request: number | undefined
  /** [PB3] What it was last sent with: the number before its own that the log has, or will have by then. */
  previous = 0
  /** The log may have it: it was sent over a connection that ended before the answer, or behind such a one. */
  isDoubtful: boolean
  /** [OB5] Whether another page may have taken its record over, and sent it: the storage has to be asked, or is. */
  contest: 'none' | 'due' | 'asked' = 'none'
  readonly #writer: Writer
  #status: PublicationStatus
  #settle!: { readonly resolve: (position: Position) => void; readonly reject: (error: TidingsError) => void }

  constructor(writer: Writer, draft: Draft, sequence: number, name: 'queued' | 'sent' = 'queued') {
    this.#writer = writer
    this.#status = { name }
    this.isDoubtful = name === 'sent'
    this.draft = draft
    this.sequence = sequence
    this.status = new Value(writer.batch, () => this.#status)
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    // Whoever does not ask does not want to be told.
    this.done.catch(() => {})
  }

  get id(): string {
    return `${this.by ?? 'local'}:${this.sequence}`
  }

  /** Whose entry it becomes, as far as is known. */
  get by(): string | undefined {
    return this.#writer.you
  }

  get channel(): string {
    return this.draft.channel
  }

  get event(): string {
    return this.draft.event
  }

  get data(): unknown {
    return this.draft.data
  }

  become(status: PublicationStatus): void {
    this.#status = status
    if (status.name === 'accepted') this.#settle.resolve(status.position)
    if (status.name === 'refused' || status.name === 'unconfirmed') this.#settle.reject(status.error)
    this.status.changed()
    this.#writer.changed(this)
    this.onChange()
  }

  /** It is in the storage, or not any more. Its status is told again. */
  stored(isStored: boolean): void {
    this.isStored = isStored
    this.#status = { ...this.#status }
    this.status.changed()
  }

  /** It is this page's still. */
  confirmed(): void {
    this.contest = 'none'
    this.onChange()
  }

  /** Nobody here will hear of it any more; it may take effect on a later page. */
  abandon(error: TidingsError): void {
    this.#settle.reject(error)
  }
}
