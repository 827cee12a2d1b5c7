// Who wrote what, and what came back to its writer: for the writes that outlive the tab in which they were made.

export interface Author {
  readonly person: string
  readonly tab: string
}

export class Authors {
  readonly #authors = new Map<number, Author>()
  readonly #returned = new Set<number>()

  /** The highest number that anybody has written. */
  highest = -1

  wrote(n: number, author: Author): void {
    this.highest = Math.max(this.highest, n)
    this.#authors.set(n, author)
  }

  of(n: number): Author | undefined {
    return this.#authors.get(n)
  }

  /** A later tab has shown that this write is refused, or its person has taken it back there. */
  returned(n: number): void {
    this.#returned.add(n)
  }

  wasReturned(n: number): boolean {
    return this.#returned.has(n)
  }
}
