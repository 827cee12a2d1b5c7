// Counts what a connection gets without parsing it: every event carries a mark and a serial of eight digits, whatever
// envelope and frames a system puts around it. Each delivery is seen, and has to be the one after the last.

const DIGITS = 8
const ZERO = 0x30

export class Serials {
  readonly #mark: Buffer
  /** The end of what was read last, where a mark and its serial may have been cut in two. */
  #rest: Buffer | undefined
  last = 0
  count = 0
  /** Serials that were not the one after the last: lost, doubled or out of order. */
  faults = 0
  /** Told each serial; order is then the listener's affair. */
  onEach: ((serial: number) => void) | undefined

  constructor(mark: string) {
    this.#mark = Buffer.from(mark)
  }

  /** How many serials the chunk completes. */
  read(chunk: Buffer): number {
    const before = this.count
    const size = this.#mark.length + DIGITS
    if (this.#rest && chunk.length < size) {
      // Too little to end what was begun: it is read as if it had come together.
      const together = Buffer.concat([this.#rest, chunk])
      this.#rest = undefined
      return this.read(together)
    }
    if (this.#rest) {
      const seam = Buffer.concat([this.#rest, chunk.subarray(0, size)])
      // A mark that begins in the rest; those that begin after it are found below.
      const limit = this.#rest.length
      this.#rest = undefined
      for (let at = seam.indexOf(this.#mark); at >= 0 && at < limit; at = seam.indexOf(this.#mark, at + 1))
        this.#take(seam, at)
    }
    let end = 0
    for (let at = chunk.indexOf(this.#mark); at >= 0; at = chunk.indexOf(this.#mark, end)) {
      end = at + 1
      if (at + size > chunk.length) break
      this.#take(chunk, at)
    }
    this.#keepRest(chunk, size)
    return this.count - before
  }

  #take(bytes: Buffer, at: number): void {
    let serial = 0
    const begin = at + this.#mark.length
    for (let i = begin; i < begin + DIGITS; i++) {
      const digit = (bytes[i] ?? 0) - ZERO
      // The mark of something else, such as a length.
      if (digit < 0 || digit > 9) return
      serial = serial * 10 + digit
    }
    if (this.onEach) this.onEach(serial)
    else if (this.last !== 0 && serial !== this.last + 1) this.faults++
    this.last = serial
    this.count++
  }

  #keepRest(chunk: Buffer, size: number): void {
    for (let at = Math.max(0, chunk.length - size + 1); at < chunk.length; at++) {
      if (!this.#mayBegin(chunk, at)) continue
      this.#rest = Buffer.from(chunk.subarray(at))
      return
    }
  }

  #mayBegin(chunk: Buffer, at: number): boolean {
    for (let i = at; i < chunk.length; i++) {
      const byte = chunk[i] as number
      const expected = this.#mark[i - at]
      if (expected === undefined ? byte < ZERO || byte > ZERO + 9 : byte !== expected) return false
    }
    return true
  }
}
