// A value that changes, and the way to hear of it. Changes are told in batches: whatever one message from the server
// changes is told once per source, after the whole message has been worked off.

import { type Cancel, Emitter } from '@tidings/core'

/** A value that changes. `get` and `subscribe` need no `this`: hand them to `useSyncExternalStore` as they are. */
export interface Source<out T> {
  /** The value now. The same object until it changes. */
  readonly get: () => T
  /** Calls `listener` after each change: it asks `get`. `isHeard`: the server brought it; nobody at this end did. */
  readonly subscribe: (listener: (isHeard?: boolean) => void) => Cancel
}

/** Gathers what changes during a piece of work, and tells it at the end. */
export class Batch {
  /** Told what a listener threw. */
  readonly report: (error: unknown) => void
  readonly #changed = new Set<{ tell(): void }>()
  #depth = 0
  /** What is told was brought by a message of the server. */
  isHeard = false
  #isClosed = false

  constructor(report: (error: unknown) => void) {
    this.report = report
  }

  run<R>(work: () => R): R {
    this.#depth++
    try {
      return work()
    } finally {
      if (this.#depth === 1) this.#tell()
      this.#depth--
    }
  }

  /** The same for what the server says. */
  hear(work: () => void): void {
    this.isHeard = this.#depth === 0
    try {
      this.run(work)
    } finally {
      this.isHeard = false
    }
  }

  add(value: { tell(): void }): void {
    this.run(() => this.#changed.add(value))
  }

  /** Nothing is told any more. */
  close(): void {
    this.#isClosed = true
  }

  // What a listener changes in turn is told in the same round: a set is walked until nothing was added.
  #tell(): void {
    for (const value of this.#changed) {
      this.#changed.delete(value)
      if (!this.#isClosed) value.tell()
    }
  }
}

/** A source whose value is computed by its owner, when somebody asks and only after a change. */
export class Value<out T> implements Source<T> {
  readonly #compute: () => T
  readonly #batch: Batch
  readonly #listeners: Emitter<[isHeard: boolean]>
  #value: T
  #told: T
  #isStale = false

  constructor(batch: Batch, compute: () => T) {
    this.#compute = compute
    this.#batch = batch
    this.#listeners = new Emitter(batch.report)
    this.#value = this.#told = compute()
  }

  readonly get = (): T => {
    if (this.#isStale) {
      this.#isStale = false
      this.#value = this.#compute()
    }
    return this.#value
  }

  readonly subscribe = (listener: (isHeard?: boolean) => void): Cancel => {
    if (this.#listeners.size === 0) this.#told = this.get()
    return this.#listeners.on(listener)
  }

  /** To be called after each change of what the value is computed from. */
  changed(): void {
    this.#isStale = true
    this.#batch.add(this)
  }

  tell(): void {
    if (this.#listeners.size === 0 || Object.is(this.#told, this.get())) return
    this.#told = this.#value
    this.#listeners.emit(this.#batch.isHeard)
  }
}
