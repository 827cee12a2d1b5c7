// At most one in a while for each key, the latest wins: the first goes at once, the last is never lost.

import type { Clock } from '@tidings/core'
import { Alarm } from './alarm.ts'

export class Throttle {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #keys = new Map<string, { readonly alarm: Alarm; next: (() => void) | undefined }>()

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock
    this.#intervalMs = intervalMs
  }

  /** Runs `run` now, or when the interval since the last one of this key is over, unless a later one takes its place. */
  offer(key: string, run: () => void): void {
    const busy = this.#keys.get(key)
    if (busy) {
      busy.next = run
      return
    }
    const slot = { alarm: new Alarm(this.#clock, () => this.#over(key)), next: undefined }
    slot.alarm.set(this.#intervalMs)
    this.#keys.set(key, slot)
    run()
  }

  /** Forgets what waits. */
  stop(): void {
    for (const { alarm } of this.#keys.values()) alarm.stop()
    this.#keys.clear()
  }

  #over(key: string): void {
    const next = this.#keys.get(key)?.next
    this.#keys.delete(key)
    if (next) this.offer(key, next)
  }
}
