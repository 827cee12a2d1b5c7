// The queries that have become stale and were not told yet: each once, and none that a shorter key covers already.

import { partialMatchKey } from '@tanstack/react-query'
import type { QueryKey } from '@tidings/core'

export class StaleKeys {
  readonly #maxKeys: number
  readonly #all: () => readonly QueryKey[]
  #keys: readonly QueryKey[] = []

  /** `all` stands for the keys when there are more than `maxKeys`. */
  constructor(maxKeys: number, all: () => readonly QueryKey[]) {
    this.#maxKeys = maxKeys
    this.#all = all
  }

  add(key: QueryKey): void {
    if (this.#keys.some((known) => partialMatchKey(key, known))) return
    this.#keys = [...this.#keys.filter((known) => !partialMatchKey(known, key)), key]
    if (this.#keys.length > this.#maxKeys) this.#keys = this.#all()
  }

  /** What has gathered; from here on, nothing. */
  take(): readonly QueryKey[] {
    const keys = this.#keys
    this.#keys = []
    return keys
  }
}
