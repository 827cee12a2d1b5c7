// Messages that many readers are sent, compressed once for all of them (RFC 7692). Without context takeover a message
// says nothing about the one before it, so the same bytes are right for every connection that agreed to that.

import { constants, deflateRawSync } from 'node:zlib'
import { emptyFrame, type Frames } from './text-frames.ts'

/** A whole text, compressed. */
const FIN_RSV1_TEXT = 0xc1
/** Below this, in UTF-16 units, compressing saves a part of a packet that is sent all the same. */
const LEAST_LENGTH = 512
/** What is longer would hold up the event loop for more than a few milliseconds. A turn of one channel is far below. */
const MOST_LENGTH = 1_048_576
/** How many texts are known at once: readers of several channels, and of several lanes, come by turns. */
const KNOWN_TEXTS = 8
/** UTF-16 units of them together, which stay in memory: two of the longest. */
const KNOWN_LENGTH = 2 * MOST_LENGTH
/** The end of a flush, which both sides know (7.2.1). */
const TRAILER_BYTES = 4

interface Known {
  readonly text: string
  /** Made when the text comes for the second time. */
  frame: Buffer | undefined | 'unmade'
}

export class DeflatedFrames implements Frames {
  /** For what is not compressed: any connection takes it. */
  readonly #plain: Frames
  /** The one that was used last comes first. */
  #known: readonly Known[] = []

  constructor(plain: Frames) {
    this.#plain = plain
  }

  of(text: string, isShared: boolean): Buffer {
    return (isShared ? this.#deflated(text) : undefined) ?? this.#plain.of(text, isShared)
  }

  /**
   * Undefined for the first reader of a text, who gets it as it is: for one alone it is not worth the work, and that it is
   * for more shows only with the second.
   */
  #deflated(text: string): Buffer | undefined {
    if (text.length < LEAST_LENGTH || text.length > MOST_LENGTH) return undefined
    const first = this.#known[0]
    const known = first?.text === text ? first : this.#find(text)
    if (!known) return undefined
    if (known.frame === 'unmade') known.frame = deflatedFrame(text)
    return known.frame
  }

  /** Undefined where the text is new; it is known from now on. */
  #find(text: string): Known | undefined {
    const found = this.#known.find((known) => known.text === text)
    const known: Known[] = [found ?? { text, frame: 'unmade' }]
    let { length } = text
    for (const other of this.#known) {
      if (other === found) continue
      length += other.text.length
      if (known.length === KNOWN_TEXTS || length > KNOWN_LENGTH) break
      known.push(other)
    }
    this.#known = known
    return found
  }
}

/** Undefined where the text itself is no longer. */
function deflatedFrame(text: string): Buffer | undefined {
  const packed = deflateRawSync(text, { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_SYNC_FLUSH })
  const length = packed.length - TRAILER_BYTES
  if (length >= text.length) return undefined
  const frame = emptyFrame(FIN_RSV1_TEXT, length)
  packed.copy(frame, frame.length - length, 0, length)
  return frame
}
