// Virtual time: what happens, in order of time, then of its making. Between two happenings every promise that can
// settle does, so the shipped code runs as it does on an event loop. Knows neither clients nor servers.

import type { Cancel } from '@tidings/core'
import { nextTurn } from './turns.ts'

interface Happening {
  /** Milliseconds since the beginning. */
  readonly at: number
  readonly order: number
  run: (() => void) | undefined
}

export class Timeline {
  #now = 0
  #made = 0
  /** A binary heap: the next happening comes first. */
  readonly #heap: Happening[] = []
  #turn: (() => void)[] = []
  #steps = 0

  get now(): number {
    return this.#now
  }

  /** Happenings so far. */
  get steps(): number {
    return this.#steps
  }

  /** Happens at `at`, or now where that has passed. */
  at(at: number, run: () => void): Cancel {
    const happening: Happening = { at: Math.max(at, this.#now), order: this.#made++, run }
    this.#push(happening)
    return () => {
      happening.run = undefined
    }
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.at(this.#now + delayMs, run)
  }

  /** Runs after everything that follows from this happening without time passing. */
  endOfTurn(run: () => void): void {
    this.#turn.push(run)
  }

  /** Lets time pass until `until`, or until `afterEach`, which looks at the world after each happening, says no. */
  run(until: number, afterEach: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      // Not a loop that awaits: there are a thousand happenings in a seed, and each `await` makes promises of its own.
      const settled = () => {
        try {
          if (this.#endTurn() || (afterEach() && this.#happen(until))) nextTurn(settled)
          else resolve()
        } catch (error) {
          reject(error)
        }
      }
      if (this.#happen(until)) nextTurn(settled)
      else resolve()
    })
  }

  /** What comes next happens; false where nothing does until `until`. */
  #happen(until: number): boolean {
    for (let next = this.#heap[0]; next && next.at <= until; next = this.#heap[0]) {
      this.#pop()
      if (!next.run) continue
      this.#now = next.at
      this.#steps++
      next.run()
      return true
    }
    this.#now = Math.max(this.#now, until)
    return false
  }

  /** What waits for the end of a turn runs, and may have more follow; false where nothing does. */
  #endTurn(): boolean {
    if (this.#turn.length === 0) return false
    for (const run of this.#turn.splice(0)) run()
    return true
  }

  #push(happening: Happening): void {
    const heap = this.#heap
    let index = heap.push(happening) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(happening, heap[parent] as Happening)) break
      heap[index] = heap[parent] as Happening
      index = parent
    }
    heap[index] = happening
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Happening
    if (heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Happening, heap[child] as Happening)) child++
      if (isBefore(last, heap[child] as Happening)) break
      heap[index] = heap[child] as Happening
      index = child
    }
    heap[index] = last
  }
}

const isBefore = (a: Happening, b: Happening) => a.at < b.at || (a.at === b.at && a.order < b.order)
