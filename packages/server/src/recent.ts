// A map of bounded size that keeps what was used lately. Two generations instead of an order of use, so that a look costs
// a look: who is found among the old moves to the young, and when these are too many, the old are forgotten.

export class Recent<Key, Value> {
  readonly #halfSize: number
  #young = new Map<Key, Value>()
  #old = new Map<Key, Value>()

  /** Keeps `size` values at most, and at least the half of them that was used last. */
  constructor(size: number) {
    this.#halfSize = Math.ceil(size / 2)
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: Key, value: Value): void {
    this.#old.delete(key)
    this.#young.set(key, value)
    if (this.#young.size < this.#halfSize) return
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(key: Key): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }

  values(): Value[] {
    return [...this.#young.values(), ...this.#old.values()]
  }
}
