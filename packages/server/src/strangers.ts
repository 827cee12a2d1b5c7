// Connections that have yet to say who they are, by address: how many there may be, whatever carries them.

export interface Counted {
  /** Sessions of this connection that have not said hello: it may have several. */
  readonly strangers: number
}

export class Strangers {
  readonly #most: number
  readonly #byGroup = new Map<string, Set<Counted>>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether the address may bring one more. Those that have said hello are swept out. */
  admits(group: string): boolean {
    let strangers = 0
    const ends = this.#byGroup.get(group)
    for (const end of ends ?? []) {
      if (end.strangers > 0) strangers += end.strangers
      else ends?.delete(end)
    }
    if (ends?.size === 0) this.#byGroup.delete(group)
    return strangers < this.#most
  }

  /** Counts it until the returned function is called, once its connection has ended. */
  add(group: string, end: Counted): () => void {
    const ends = this.#byGroup.get(group) ?? new Set()
    this.#byGroup.set(group, ends.add(end))
    return () => {
      if (ends.delete(end) && ends.size === 0 && this.#byGroup.get(group) === ends)
        this.#byGroup.delete(group)
    }
  }
}
