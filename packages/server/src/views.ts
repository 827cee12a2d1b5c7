// The states of channels, folded on the server: what a newcomer, or a reader whose history was trimmed, begins with.
// Folding happens when somebody needs it, from the last snapshot on; snapshots let the log be trimmed.

import {
  type AnyDefinition,
  type Contract,
  entryId,
  type FoldedEntry,
  foldEntry,
  isSamePosition,
  type Position,
  readEntry,
} from '@tidings/core'
import type { Broker, ReadLimits, StoredEntry, StoredSnapshot } from './broker.ts'
import type { Feed } from './feed.ts'
import type { Observe } from './observe.ts'

export interface ViewsOptions {
  readonly contract: Contract
  readonly broker: Broker
  readonly page: ReadLimits
  readonly observe: Observe
}

type Fold = NonNullable<AnyDefinition['state']>

interface Page {
  readonly outcome: 'page'
  readonly epoch: string
  readonly entries: readonly StoredEntry[]
}

/** A state in memory, and its snapshot where one was asked for. */
interface Folded {
  position: Position
  state: unknown
  snapshot: StoredSnapshot | undefined
}

export class Views {
  readonly #options: ViewsOptions
  /** As long as the channel is open on this node. */
  readonly #folded = new WeakMap<Feed, Folded>()
  /** One folding of a channel at a time; who comes meanwhile waits for it and then folds on. */
  readonly #underway = new WeakMap<Feed, Promise<unknown>>()

  constructor(options: ViewsOptions) {
    this.#options = options
  }

  /** The state at the feed's head or a little before it; undefined for a channel without one. */
  async snapshotOf(feed: Feed): Promise<StoredSnapshot | undefined> {
    const definition = this.#options.contract.resolve(feed.channel)?.definition
    const fold = definition?.state
    if (!definition || !fold) return undefined
    const before = this.#underway.get(feed) ?? Promise.resolve()
    const foldOn = () => this.#foldToHead(feed, definition, fold)
    const mine = before.then(foldOn, foldOn)
    this.#underway.set(feed, mine)
    try {
      return await mine
    } finally {
      if (this.#underway.get(feed) === mine) this.#underway.delete(feed)
    }
  }

  /** Folds to the head and has the broker keep the result. */
  async save(feed: Feed): Promise<void> {
    const snapshot = await this.snapshotOf(feed)
    if (snapshot) await this.#options.broker.snapshots?.save(feed.channel, snapshot)
  }

  async #foldToHead(feed: Feed, definition: AnyDefinition, fold: Fold): Promise<StoredSnapshot> {
    let folded =
      this.#folded.get(feed) ?? (await this.#load(feed.channel, fold)) ?? begin(fold, feed.head.epoch)
    while (!isSamePosition(folded.position, feed.head)) {
      let page = await this.#pageAfter(feed, folded.position)
      while (page.outcome === 'reset') {
        // Another node may have kept a snapshot meanwhile, and so let go of entries that are missing here.
        const kept = await this.#load(feed.channel, fold)
        if (!kept || isSamePosition(kept.position, folded.position)) break
        folded = kept
        page = await this.#pageAfter(feed, folded.position)
      }
      if (page.outcome === 'reset') {
        // What was folded is of another history, or of an older fold: begin again with the oldest entries kept.
        folded = begin(fold, feed.head.epoch)
        page = await this.#options.broker.read(feed.channel, 'start', this.#options.page)
      }
      if (page.outcome === 'reset' || page.entries.length === 0) break
      this.#foldAll(feed.channel, definition, fold, folded, page)
    }
    this.#folded.set(feed, folded)
    folded.snapshot ??= {
      version: fold.version,
      position: folded.position,
      state: JSON.stringify(folded.state) ?? 'null',
    }
    return folded.snapshot
  }

  async #pageAfter(feed: Feed, position: Position): Promise<Page | { readonly outcome: 'reset' }> {
    if (!feed.continues(position))
      return this.#options.broker.read(feed.channel, position, this.#options.page)
    return { outcome: 'page', epoch: position.epoch, entries: feed.pageAfter(position)?.entries ?? [] }
  }

  #foldAll(
    channel: string,
    definition: AnyDefinition,
    fold: Fold,
    folded: Folded,
    { epoch, entries }: Page,
  ): void {
    for (const entry of entries) {
      const report = (skipped: FoldedEntry, reason: string) =>
        this.#options.observe({ name: 'skipped', channel, offset: skipped.meta.offset, reason })
      const raw = toFolded(epoch, entry)
      const read = readEntry(definition, raw, report)
      if (read) folded.state = foldEntry(fold, folded.state, { ...raw, data: read.data }, report)
      folded.position = { epoch, offset: entry.offset, tag: entry.tag }
    }
    folded.snapshot = undefined
  }

  async #load(channel: string, fold: Fold): Promise<Folded | undefined> {
    const stored = await this.#options.broker.snapshots?.load(channel)
    if (!stored) return undefined
    if (stored.version === fold.version)
      return { position: stored.position, state: JSON.parse(stored.state), snapshot: stored }
    if (!fold.migrate) return undefined
    try {
      const state = fold.migrate(JSON.parse(stored.state), stored.version)
      return { position: stored.position, state, snapshot: undefined }
    } catch (error) {
      this.#options.observe({
        name: 'fault',
        where: `migrating the state of ${channel} from version ${stored.version}`,
        error,
      })
      return undefined
    }
  }
}

function begin(fold: Fold, epoch: string): Folded {
  return { position: { epoch, offset: 0, tag: '' }, state: fold.initial, snapshot: undefined }
}

function toFolded(epoch: string, entry: StoredEntry): FoldedEntry {
  const { offset, at, by, sequence, event } = entry
  return {
    event,
    data: JSON.parse(entry.data),
    meta: { id: entryId({ by, sequence, epoch, offset }), offset, at, by, isPending: false },
  }
}
