// SHA-256 (FIPS 180-4) as the server wants it: at once, and in hex. Pages have it only as a promise.

const primes = (count: number): number[] => {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}
const fractionBits = (root: number) => (root - Math.floor(root)) * 2 ** 32
const ROUNDS = Uint32Array.from(primes(64), (prime) => fractionBits(Math.cbrt(prime)))
const START = Uint32Array.from(primes(8), (prime) => fractionBits(Math.sqrt(prime)))

const turn = (word: number, by: number) => (word >>> by) | (word << (32 - by))

export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const blocks = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64))
  for (const [i, byte] of bytes.entries()) blocks.setUint8(i, byte)
  blocks.setUint8(bytes.length, 0x80)
  blocks.setUint32(blocks.byteLength - 8, Math.floor((bytes.length * 8) / 2 ** 32))
  blocks.setUint32(blocks.byteLength - 4, bytes.length * 8)
  const sum = START.slice()
  const words = new Uint32Array(64)
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = blocks.getUint32(at + 4 * i)
    mix(sum, words)
  }
  return Array.from(sum, (word) => word.toString(16).padStart(8, '0')).join('')
}

/** Takes one block, the first sixteen of `words`, into the sum. */
function mix(sum: Uint32Array, words: Uint32Array): void {
  const word = (i: number) => words[i] as number
  for (let i = 16; i < 64; i++) {
    const [early, late] = [word(i - 15), word(i - 2)]
    const small = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)
    const large = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10)
    words[i] = word(i - 16) + small + word(i - 7) + large
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = sum
  for (let i = 0; i < 64; i++) {
    const chosen = (e & f) ^ (~e & g)
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + chosen + (ROUNDS[i] as number) + word(i)) | 0
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0]
  }
  for (const [i, part] of [a, b, c, d, e, f, g, h].entries()) sum[i] = (sum[i] as number) + part
}
