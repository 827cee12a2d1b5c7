// Frames of one connection that wait while the application decides about an earlier one: in order, and bounded in number
// and in the length of the messages that they came in.

import type { ClientFrame } from '@tidings/core'
import type { Limits } from './limits.ts'

export class Waiting {
  readonly #limits: Pick<Limits, 'waitingFrames' | 'waitingLength'>
  /** The text of a message lives for as long as any of its frames: the last of them has its length. */
  readonly #frames: { readonly frame: ClientFrame; length: number }[] = []
  #length = 0

  constructor(limits: Pick<Limits, 'waitingFrames' | 'waitingLength'>) {
    this.#limits = limits
  }

  get count(): number {
    return this.#frames.length
  }

  get isTooLong(): boolean {
    return this.#length > this.#limits.waitingLength
  }

  /** False when there is no room for it. */
  push(frame: ClientFrame): boolean {
    if (this.#frames.length >= this.#limits.waitingFrames) return false
    this.#frames.push({ frame, length: 0 })
    return true
  }

  /** The last frame was the last of a message of this length. */
  weigh(length: number): void {
    const last = this.#frames.at(-1)
    if (!last) return
    last.length = length
    this.#length += length
  }

  shift(): ClientFrame | undefined {
    const next = this.#frames.shift()
    this.#length -= next?.length ?? 0
    return next?.frame
  }

  clear(): void {
    this.#frames.length = this.#length = 0
  }
}
