// Randomness as an argument; the platform's generator is touched here and nowhere else.

export interface Chance {
  /** A number from 0 (included) to 1 (excluded). For spreading load, never for secrets. */
  fraction(): number
  /** `length` characters of `0-9A-Za-z`. The system's is fit for identities and secrets: 5.95 bits a character. */
  token(length: number): string
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
// Bytes at or over this bound are thrown away, so that every character is equally likely.
const UNBIASED = 256 - (256 % ALPHABET.length)

// Asking the platform costs microseconds however little one asks for: take much, and hand it out byte by byte.
let pool = new Uint8Array(0)
let taken = 0

function randomByte(): number {
  if (taken === pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(1_024))
    taken = 0
  }
  const byte = pool[taken] as number
  // What was handed out is not kept.
  pool[taken++] = 0
  return byte
}

export const systemChance: Chance = {
  fraction: () => Math.random(),
  token(length) {
    let text = ''
    while (text.length < length) {
      const byte = randomByte()
      if (byte < UNBIASED) text += ALPHABET[byte % ALPHABET.length]
    }
    return text
  },
}
