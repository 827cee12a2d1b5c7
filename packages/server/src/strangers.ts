// Connections that have yet to say who they are, by address: how many there may be, whatever carries them. Nobody has to
// say when a connection is known or over: those that no longer count are swept out, all of them about once a second.

export interface Counted {
  /** Sessions of this connection that have not said hello: it may have several. None once it is over. */
  readonly strangers: number
}

export class Strangers {
  readonly #most: number
  readonly #byGroup = new Map<string, Counted[]>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether the address may bring one more. */
  admits(group: string): boolean {
    let strangers = 0
    for (const end of this.#swept(group)) strangers += end.strangers
    return strangers < this.#most
  }

  add(group: string, end: Counted): void {
    const ends = this.#byGroup.get(group)
    if (ends) ends.push(end)
    else this.#byGroup.set(group, [end])
  }

  sweep(): void {
    for (const group of [...this.#byGroup.keys()]) this.#swept(group)
  }

  #swept(group: string): readonly Counted[] {
    const ends = this.#byGroup.get(group) ?? []
    const left = ends.filter((end) => end.strangers > 0)
    if (left.length > 0) this.#byGroup.set(group, left)
    else this.#byGroup.delete(group)
    return left
  }
}
