// One client as cheap as it can be: a TCP socket that says its lines and looks for marks. All sockets of the process
// are read into the same memory.

import { connect, type Socket } from 'node:net'
import { EVENT_MARK, type Step, type Wire } from '../system.ts'
import { handshake, textFrame } from './frames.ts'
import { Serials } from './serials.ts'

let addresses = 0

/** One of a thousand of this machine's own. */
function nextAddress(): string {
  const address = addresses++ % 1_000
  return `127.0.${1 + Math.floor(address / 250)}.${1 + (address % 250)}`
}

const shared = Buffer.allocUnsafe(1_048_576)

/** What a transcript may hold, in bytes: enough for the answers to a join and a few events. */
const TRANSCRIPT_BYTES = 16_384

export interface ConnectionOptions {
  readonly port: number
  readonly wire: Wire
  readonly steps: readonly Step[]
  /** Default: the mark of an event. */
  readonly mark?: string
  readonly keepsTranscript?: boolean
  /** So many serials more were read. */
  readonly onSerials?: (count: number) => void
  /** Every byte that was read once the connection was ready. */
  readonly onBytes?: (chunk: Buffer) => void
}

export class Connection {
  readonly serials: Serials
  transcript = ''
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  /** Resolves when the last step is done. */
  readonly ready: Promise<void>
  #steps: readonly Step[]
  #text = ''
  #state: 'upgrading' | 'joining' | 'ready' | 'closed' = 'upgrading'
  #onReady: () => void = () => {}
  #onFailed: (error: Error) => void = () => {}
  #isReading = true

  constructor(options: ConnectionOptions) {
    const { port, wire, steps, mark = EVENT_MARK } = options
    this.#options = options
    this.#steps = steps
    this.serials = new Serials(mark)
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve
      this.#onFailed = reject
    })
    // Who does not wait for `ready` learns of a failure from what is missing.
    this.ready.catch(() => {})
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      // Where the platform lets us, everybody comes from an address of their own, as people do.
      ...(process.platform === 'linux' && { localAddress: nextAddress() }),
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length, bytes) => {
          this.#read((bytes as Buffer).subarray(0, length))
          return this.#isReading
        },
      },
    })
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('the server closed a connection')))
    this.#socket.write(handshake({ port, path: wire.path, subprotocol: wire.subprotocol }))
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  pause(): void {
    this.#isReading = false
    this.#socket.pause()
  }

  resume(): void {
    this.#isReading = true
    this.#socket.resume()
  }

  /** Gone without a word, as when a phone loses its network: and no port is left waiting. */
  cut(): void {
    this.#state = 'closed'
    this.#socket.resetAndDestroy()
  }

  #fail(error: Error): void {
    if (this.#state === 'closed') return
    if (this.#state === 'ready') this.serials.faults++
    this.#state = 'closed'
    this.#onFailed(error)
  }

  #read(chunk: Buffer): void {
    if (this.#options.keepsTranscript && this.transcript.length < TRANSCRIPT_BYTES)
      this.transcript += chunk.toString('latin1')
    if (this.#state !== 'ready') this.#advance(chunk.toString('latin1'))
    if (this.#state === 'joining') return this.#count(chunk)
    if (this.#state !== 'ready') return
    this.#count(chunk)
    this.#options.onBytes?.(chunk)
  }

  #count(chunk: Buffer): void {
    const count = this.serials.read(chunk)
    if (count > 0) this.#options.onSerials?.(count)
  }

  #advance(text: string): void {
    this.#text += text
    if (this.#state === 'upgrading') {
      const end = this.#text.indexOf('\r\n\r\n')
      if (end < 0) return
      if (!this.#text.startsWith('HTTP/1.1 101'))
        return this.#fail(new Error(this.#text.slice(0, 200).replaceAll('\r\n', ' ')))
      this.#text = this.#text.slice(end + 4)
      this.#state = 'joining'
      this.#say()
    }
    for (let step = this.#steps[0]; step && this.#text.includes(step.until); step = this.#steps[0]) {
      this.#text = this.#text.slice(this.#text.indexOf(step.until) + step.until.length)
      this.#steps = this.#steps.slice(1)
      this.#say()
    }
  }

  /** The next line, or the end of them. */
  #say(): void {
    const [step] = this.#steps
    if (step?.say !== undefined) this.#socket.write(textFrame(step.say))
    if (step) return
    this.#state = 'ready'
    this.#text = ''
    this.#onReady()
  }
}
