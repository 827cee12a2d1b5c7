// What happened, as a hash, and as lines where somebody wants to read them. The same seed has to give the same hash.

export class Trace {
  readonly lines: string[] | undefined
  readonly #now: () => number
  // Two lanes of 32 bits: FNV-1a, and the same with another prime, so that a chance collision is out of the question.
  #a = 0x811c9dc5
  #b = 0x9747b28c

  /** `isKept`: whether lines are kept beside the hash. `now`: virtual milliseconds. */
  constructor(now: () => number, isKept: boolean) {
    this.#now = now
    this.lines = isKept ? [] : undefined
  }

  /** `text` follows `what`. Apart from it, because a long text is copied where it is made part of another. */
  note(who: string, what: string, text = ''): void {
    this.#mix(who)
    this.#mix(what)
    this.#mix(text)
    this.#mixNumber(this.#now())
    this.lines?.push(`${(this.#now() / 1_000).toFixed(3).padStart(9)}  ${who.padEnd(14)} ${what}${text}`)
  }

  get hash(): string {
    const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0')
    return hex(this.#a) + hex(this.#b)
  }

  /** As `#mixNumber` of each of its characters, which are many: nothing is rounded, and nothing kept before the end. */
  #mix(text: string): void {
    let a = this.#a
    let b = this.#b
    for (let i = 0; i < text.length; i++) {
      const bits = text.charCodeAt(i) * 1_000
      a = Math.imul(a ^ bits, 0x01000193)
      b = Math.imul(b ^ (bits + 0x9e3779b9), 0x85ebca6b)
      b ^= b >>> 15
    }
    this.#a = a
    this.#b = b
  }

  #mixNumber(value: number): void {
    const bits = Math.round(value * 1_000) | 0
    this.#a = Math.imul(this.#a ^ bits, 0x01000193)
    this.#b = Math.imul(this.#b ^ (bits + 0x9e3779b9), 0x85ebca6b)
    this.#b ^= this.#b >>> 15
  }
}
