// Who wrote what, and what came back to its writer: for the writes that outlive the tab in which they were made.

export interface Author {
  readonly person: string
  readonly tab: string
  readonly browser: string
  /** [OB4] It is nobody's where its page ends before its welcome: nobody has named the person. */
  readonly isUnnamed: boolean
}

export class Authors {
  readonly #authors = new Map<number, Author>()
  readonly #returned = new Set<number>()
  readonly #claimed = new Set<number>()
  readonly #discarded = new Set<number>()
  /** For each person and browser: up to which number they have claimed what was nobody's there. */
  readonly #claims = new Map<string, number>()

  /** The highest number that anybody has written. */
  highest = -1

  wrote(n: number, author: Author): void {
    this.highest = Math.max(this.highest, n)
    this.#authors.set(n, author)
  }

  of(n: number): Author | undefined {
    return this.#authors.get(n)
  }

  /** [OB4] Nobody sends what somebody else has written, unless it was nobody's and they have claimed it. */
  maySend(person: string, n: number): boolean {
    const author = this.#authors.get(n)
    if (!author || author.person === person) return !this.#discarded.has(n)
    return author.isUnnamed && n <= (this.#claims.get(`${person} ${author.browser}`) ?? -1)
  }

  /** Everything that is nobody's in this browser. */
  claims(person: string, browser: string): void {
    this.#claims.set(`${person} ${browser}`, this.highest)
  }

  /** It stands as somebody's from now on. */
  claimed(n: number): void {
    this.#claimed.add(n)
  }

  wasClaimed(n: number): boolean {
    return this.#claimed.has(n)
  }

  discarded(n: number): void {
    this.#discarded.add(n)
    this.#returned.add(n)
  }

  /** A later tab has shown that this write is refused, or its person has taken it back there. */
  returned(n: number): void {
    this.#returned.add(n)
  }

  wasReturned(n: number): boolean {
    return this.#returned.has(n)
  }
}
