// Texts as WebSocket frames (RFC 6455, 5.2), as a server sends them: whole and unmasked. What goes to many readers is
// one and the same text for all of them, one after the other: it is framed once, and each socket takes it in one write.

const FIN_TEXT = 0x81
const LENGTH_16 = 126
const LENGTH_64 = 127

/** How a connection is sent texts. `isShared`: the same text goes to others, and all of them may know it. */
export interface Frames {
  of(text: string, isShared: boolean): Buffer
}

export class TextFrames implements Frames {
  #text = ''
  #frame: Buffer = textFrame('')

  of(text: string): Buffer {
    if (text !== this.#text) {
      this.#frame = textFrame(text)
      this.#text = text
    }
    return this.#frame
  }
}

function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const frame = emptyFrame(FIN_TEXT, length)
  frame.write(text, frame.length - length)
  return frame
}

/** A frame whose head is written and whose last `length` bytes are not. `first` says what it is. */
export function emptyFrame(first: number, length: number): Buffer {
  const head = length < LENGTH_16 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = first
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = LENGTH_16
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = LENGTH_64
    frame.writeUInt32BE(0, 2)
    frame.writeUInt32BE(length, 6)
  }
  return frame
}
