// What this page has heard of one channel since it began to listen, as a log: such a server numbers nothing, so the
// numbers are the page's own, and end with its listening. The folded state outlives them: it is what the page last knew.

import {
  type ChannelRef,
  entryId,
  foldEntry,
  formatPosition,
  parsePosition,
  type ReportSkipped,
  readEntry,
  type SubscribeRequest,
  type WireEntry,
  type WireSnapshot,
} from '@tidings/core'
import type { AnyFold } from '../view.ts'
import type { PlainMessage } from './dialect.ts'

/** Reported where the entry is shown; here it is only folded. */
const ignore: ReportSkipped = () => {}

export class PlainLog {
  readonly ref: ChannelRef
  #epoch = ''
  #offset = 0
  #state: unknown

  constructor(ref: ChannelRef) {
    this.ref = ref
    this.#state = this.#fold?.initial
  }

  get #fold(): AnyFold | undefined {
    return this.ref.definition.state
  }

  get position(): string {
    const offset = this.#offset
    return formatPosition({ epoch: this.#epoch, offset, tag: offset > 0 ? `${offset}` : '' })
  }

  /** Begins another history; the state goes on. */
  begin(epoch: string): void {
    this.#epoch = epoch
    this.#offset = 0
  }

  /** Whether a reader at `after` has missed nothing. */
  isCurrent(after: string): boolean {
    return after === this.position
  }

  /** What a reader that starts here begins with. Undefined where it asks for none. */
  snapshot({ state: version }: Pick<SubscribeRequest, 'state'>): WireSnapshot | undefined {
    // A state that is undefined is no JSON; the reader begins with the contract's own.
    if (version === undefined || this.#state === undefined) return undefined
    return { position: this.position, version, state: this.#state as WireSnapshot['state'] }
  }

  append({ type, data, at = 0 }: PlainMessage): { readonly epoch: string; readonly entry: WireEntry } {
    const offset = ++this.#offset
    const entry: WireEntry = { offset, tag: `${offset}`, event: type, data: data as WireEntry['data'], at }
    if (this.#fold) {
      const id = entryId({ ...entry, epoch: this.#epoch })
      const meta = { id, offset, at, by: undefined, isPending: false }
      const read = readEntry(this.ref.definition, { event: type, data, meta }, ignore)
      if (read)
        this.#state = foldEntry(this.#fold, this.#state, { event: type, data: read.data, meta }, ignore)
    }
    return { epoch: this.#epoch, entry }
  }

  /** Whether `after` is a place at all, rather than `now` or `start`. */
  static isPlace(after: string | undefined): after is string {
    return after !== undefined && parsePosition(after) !== undefined
  }
}
