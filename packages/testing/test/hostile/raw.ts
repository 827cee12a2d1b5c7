// One TCP connection to a server: what was heard stays at hand, and nothing that the peer does throws.

import { connect, type Socket } from 'node:net'
import { parseServerFrame, type ServerFrame } from '@tidings/core'
import { onTestFinished } from 'vitest'
import { frame, pieces } from './wire.ts'

/** The longest that anything is waited for, in milliseconds. */
const MOST_MS = 40_000

export class Raw {
  readonly socket: Socket
  readonly ended: Promise<void>
  isOver = false
  #chunks: Buffer[] = []
  /** What came since `#parse` was last called, behind what was no whole frame then. */
  #unparsed: Buffer[] = []
  #isUpgraded = false
  readonly #waiting = new Set<() => void>()
  readonly #said: ServerFrame[] = []
  #closeCode: number | undefined

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.setNoDelay(true)
    this.socket.on('data', (chunk) => {
      this.#chunks.push(chunk)
      this.#unparsed.push(chunk)
      for (const look of this.#waiting) look()
    })
    this.socket.on('error', () => {})
    this.ended = new Promise((resolve) =>
      this.socket.on('close', () => {
        this.isOver = true
        for (const look of this.#waiting) look()
        resolve()
      }),
    )
    onTestFinished(() => void this.socket.destroy())
  }

  get bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  get text(): string {
    return this.bytes.toString('latin1')
  }

  write(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** A text frame: of JSON, or of the text as it is. */
  say(value: unknown): void {
    this.write(frame(1, typeof value === 'string' ? value : JSON.stringify(value)))
  }

  /** What came after the upgrade's head. */
  get frames(): Buffer {
    const end = this.bytes.indexOf('\r\n\r\n')
    return end < 0 ? Buffer.alloc(0) : this.bytes.subarray(end + 4)
  }

  get closeCode(): number | undefined {
    this.#parse()
    return this.#closeCode
  }

  /** Every frame of the protocol that was heard; throws on one that is not of the server's table. */
  get said(): readonly ServerFrame[] {
    this.#parse()
    return this.#said
  }

  /** Each byte once, however much comes. */
  #parse(): void {
    if (this.#unparsed.length === 0) return
    const bytes = Buffer.concat(this.#unparsed)
    let parsed = 0
    if (!this.#isUpgraded) {
      const head = bytes.indexOf('\r\n\r\n')
      this.#isUpgraded = head >= 0
      parsed = head + 4
    }
    if (this.#isUpgraded) {
      for (const { opcode, payload, end } of pieces(bytes, parsed)) {
        parsed = end
        if (opcode === 8) this.#closeCode ??= payload.readUInt16BE(0)
        if (opcode === 1) this.#said.push(...protocolFrames(payload.toString()))
      }
    }
    this.#unparsed = [this.#isUpgraded ? bytes.subarray(parsed) : bytes]
  }

  of<Type extends ServerFrame['type']>(type: Type): Extract<ServerFrame, { type: Type }>[] {
    return this.said.filter((each) => each.type === type) as Extract<ServerFrame, { type: Type }>[]
  }

  /** Waits until what was heard makes it so, or the connection is over. */
  when(isSo: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!isSo() && !this.isOver) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve()
      }
      const timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}`)), MOST_MS)
      this.#waiting.add(look)
      look()
    })
  }

  /** The last frame of this type, once there are `count` of them. */
  async heard<Type extends ServerFrame['type']>(
    type: Type,
    count = 1,
  ): Promise<Extract<ServerFrame, { type: Type }>> {
    await this.when(() => this.of(type).length >= count, `${count} × ${type}`)
    const last = this.of(type).at(-1)
    if (last && this.of(type).length >= count) return last
    throw new Error(`No ${type} but ${JSON.stringify(this.said)}, closed with ${this.closeCode}`)
  }

  /** The code of the server's close frame, once it has come. */
  async closed(): Promise<number | undefined> {
    await this.when(() => this.closeCode !== undefined, 'the end of a connection')
    return this.closeCode
  }

  /** Offsets of the entries heard of a channel, in the order of their arrival. */
  offsets(channelName: string): number[] {
    return this.of('entries')
      .filter((each) => each.channel === channelName)
      .flatMap((each) => each.entries.map(({ offset }) => offset))
  }
}

function protocolFrames(text: string): ServerFrame[] {
  const value: unknown = JSON.parse(text)
  return (Array.isArray(value) ? value : [value]).map((each) => {
    const parsed = parseServerFrame(each)
    if (!parsed.ok) throw new Error(`The server sent what its own table refuses: ${parsed.message} ${text}`)
    return parsed.frame
  })
}
