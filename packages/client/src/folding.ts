// A channel's state on its way to the app: where it comes from (the server's snapshots, or the app's own `load`), how long
// it is kept, and whether what the log acknowledged is still in it. How entries and own writes add up is view.ts's affair.

import type { Cancel, FoldedEntry, Position, ResetReason, WireSnapshot } from '@tidings/core'
import { Alarm } from './alarm.ts'
import type { Beginning, Folding, Inbox } from './inbox.ts'
import type { Link } from './link.ts'
import { type AnyLoad, type Loaded, Loading } from './loading.ts'
import { Value } from './source.ts'
import type { ReceivedEntry } from './subscription.ts'
import { type AnyFold, View } from './view.ts'
import type { Write } from './write.ts'

/** What is shown, and has not come by for so long, in milliseconds, may have been lost with the log's end. */
const UNSEEN_MS = 10_000

export class LiveFolding implements Folding {
  readonly state: Value<unknown>
  readonly #fold: AnyFold
  readonly #inbox: Inbox
  readonly #link: Link
  readonly #view: View
  readonly #patience: Alarm
  #loading: Loading<ReceivedEntry> | undefined
  #keepers = 0

  constructor(fold: AnyFold, inbox: Inbox, link: Link) {
    this.#fold = fold
    this.#inbox = inbox
    this.#link = link
    this.#view = new View(fold, inbox.skipped)
    this.#patience = new Alarm(link.clock, () => this.#prove())
    this.state = new Value(link.batch, () => this.#view.get())
  }

  /** The state comes from the app. */
  loadWith(load: AnyLoad): void {
    this.#loading = new Loading(load, this.#link, (loaded) => this.#loaded(loaded))
  }

  /** While anything keeps it, what is known when the channel is released is what the next one goes on from. */
  keep(): Cancel {
    this.#keepers++
    let isKeeping = true
    return () => {
      if (isKeeping && --this.#keepers === 0 && !this.#inbox.subscription.isOpen) {
        this.#inbox.forget()
        this.#forget()
      }
      isKeeping = false
    }
  }

  // ── Own writes ──────────────────────────────────────────────────────────────────────────────────────────────────────

  get hasWrites(): boolean {
    return this.#view.hasWrites
  }

  written(write: Write): void {
    this.#view.add(write)
    this.state.changed()
  }

  decided(): void {
    if (this.#inbox.subscription.isOpen || this.#isKept) this.#view.settle()
    else this.#view.release()
    this.#watch()
    this.state.changed()
  }

  get #unseen(): Position | undefined {
    // What is being loaded comes in the place of what is shown.
    if (this.#loading?.isActive) return undefined
    return this.#view.unseen(this.#inbox.subscription.cursor.position)
  }

  #watch(): void {
    if (this.#unseen && !this.#patience.isSet) this.#patience.set(UNSEEN_MS)
  }

  /** The server knows whether the log still has what it acknowledged, or what the app was given. */
  #prove(): void {
    const { subscription } = this.#inbox
    const unseen = this.#unseen
    if (!unseen || !subscription.isOpen) return
    if (this.#link.isOnline) subscription.prove(unseen)
    this.#watch()
  }

  // ── Along the log ───────────────────────────────────────────────────────────────────────────────────────────────────

  wants(): ReturnType<Folding['wants']> {
    if (this.#loading) return { canResume: true }
    return { canResume: this.#view.hasBase, state: this.#fold.version }
  }

  began(verdict: Beginning, snapshot: WireSnapshot | undefined): void {
    const { position } = verdict
    const reason = verdict.name === 'reset' ? verdict.reason : 'first'
    if (reason === 'fork' || reason === 'ahead') this.#view.fork()
    if (this.#loading) this.#load(this.#loading, position, reason)
    else if (snapshot) this.#rebase(snapshot.state, position)
    // A history without a snapshot has to be seen from its first entry on.
    else if (position.offset === 0) this.#rebase(this.#fold.initial, position)
    else this.#view.release()
    this.#watch()
    this.state.changed()
  }

  outdated(position: Position, reason: ResetReason): void {
    this.#supersede(reason)
    this.#loading?.outdated(position, reason)
  }

  resumed(at: Position): void {
    // Who kept a position of its own has no state yet.
    if (this.#loading && !this.#loading.isActive && !this.#view.hasBase)
      this.#load(this.#loading, at, 'first')
    else this.#loading?.resume()
    this.#watch()
  }

  holds(received: ReceivedEntry): boolean {
    if (!this.#loading?.isActive) return false
    this.#loading.hold(received)
    return true
  }

  apply(entry: FoldedEntry | undefined, position: Position): void {
    // The log has lost what the app was given: what is loaded next has the entry.
    if (this.#loading && this.#view.isForkedAt(position)) this.#load(this.#loading, position, 'fork')
    else this.#view.apply(entry, position)
    this.state.changed()
  }

  released(): boolean {
    const isKept = this.#isKept
    this.#patience.stop()
    this.#loading?.stop()
    if (!isKept) this.#forget()
    return isKept
  }

  /** No timer is left behind. After a close nobody wants to know what a load brings. */
  rest(): void {
    this.#patience.stop()
    if (this.#link.isClosed) this.#loading?.stop()
    else this.#loading?.pause()
  }

  get #isKept(): boolean {
    return this.#keepers > 0 && this.#view.hasBase && !this.#loading?.isActive
  }

  #rebase(state: unknown, position: Position): void {
    this.#link.doubt()
    this.#view.rebase(state, position)
  }

  #forget(): void {
    this.#view.release()
    this.state.changed()
  }

  // ── Loading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #load(loading: Loading<ReceivedEntry>, position: Position, reason: ResetReason | 'first'): void {
    this.#supersede(reason)
    loading.start(position, reason)
  }

  #supersede(reason: ResetReason | 'first'): void {
    this.#view.supersede()
    this.#inbox.subscription.cursor.load(reason)
  }

  #loaded({ state, position, held }: Loaded<ReceivedEntry>): void {
    const inbox = this.#inbox
    const { subscription } = inbox
    this.#link.batch.run(() => {
      this.#rebase(state, position)
      this.state.changed()
      subscription.cursor.load(undefined)
      if (held) {
        for (const received of held) {
          // A listener may have closed the client.
          if (this.#link.isClosed) return
          inbox.deliver(received)
        }
      } else {
        subscription.goTo(
          inbox.position && inbox.position.offset < position.offset ? inbox.position : position,
        )
      }
      this.#watch()
      inbox.changed()
    })
  }
}
