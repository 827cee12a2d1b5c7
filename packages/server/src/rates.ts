// One token bucket per name (an address, a key, a person), for as many names as memory is given for.

import type { Clock } from '@tidings/core'
import { TokenBucket } from './limits.ts'

export interface RateOptions {
  readonly perSecond: number
  readonly burst: number
  readonly clock: Clock
  /** The name that was used longest ago is forgotten beyond this many. Default 10,000. */
  readonly maxNames?: number | undefined
}

export class Rates {
  readonly #options: RateOptions
  readonly #maxNames: number
  /** In order of last use: a Map keeps the order in which its keys were set. */
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(options: RateOptions) {
    this.#options = options
    this.#maxNames = options.maxNames ?? 10_000
  }

  /** 0 when `name` may pass now, else how many milliseconds it has to wait. */
  take(name: string): number {
    const { perSecond, burst, clock } = this.#options
    const now = clock.monotonic()
    const bucket = this.#buckets.get(name) ?? new TokenBucket(perSecond, burst, now)
    this.#buckets.delete(name)
    this.#buckets.set(name, bucket)
    if (this.#buckets.size > this.#maxNames) this.#forgetOldest()
    return bucket.take(now)
  }

  /** What `take` would say, without taking. */
  wait(name: string): number {
    return this.#buckets.get(name)?.wait(this.#options.clock.monotonic()) ?? 0
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
