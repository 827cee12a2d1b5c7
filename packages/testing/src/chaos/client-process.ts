// A client as the run has it: life after life, each a process of its own, with the same outbox file where it has one.

import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { NUMBERS_PER_LIFE, NUMBERS_PER_WRITER } from './contract.ts'
import type { ClientOrders, FromClient, Look, Note, ToClient, Way } from './notes.ts'
import { isOver, startProgram } from './process.ts'
import { pause } from './proxy.ts'

/** One process, and what it has told. */
export interface Life {
  readonly name: string
  readonly notes: Note[]
  readonly isDurable: boolean
  /** It was killed: what it had in memory is gone. */
  wasKilled: boolean
}

export interface ClientProcessOptions {
  /** From 1. */
  readonly number: number
  readonly url: string
  readonly way: Way
  readonly outboxFile: string | undefined
  readonly paceMs: number
  readonly seed: number
  readonly report: (line: string) => void
  /** It has ended, and nobody had killed it. */
  readonly onCrash: (message: string) => void
}

const PROGRAM = fileURLToPath(new URL('./client-program.ts', import.meta.url))
/** A client that does not answer for so long is not at rest, in milliseconds. */
const LOOK_MS = 1_000

export class ClientProcess {
  readonly lives: Life[] = []
  readonly name: string
  readonly #options: ClientProcessOptions
  readonly #looks = new Map<number, (look: Look) => void>()
  #child: ChildProcess | undefined
  #state: 'alive' | 'stopped' | 'dead' = 'dead'
  #isResting = false
  #isWanted = true
  #asked = 0

  constructor(options: ClientProcessOptions) {
    this.#options = options
    this.name = `client ${options.number}`
  }

  start(): void {
    if (!this.#isWanted || this.#state !== 'dead') return
    const { number, url, way, outboxFile, paceMs, seed, report, onCrash } = this.#options
    const life: Life = {
      name: `${this.name}.${this.lives.length + 1}`,
      notes: [],
      isDurable: outboxFile !== undefined,
      wasKilled: false,
    }
    const firstNumber = number * NUMBERS_PER_WRITER + this.lives.length * NUMBERS_PER_LIFE
    this.lives.push(life)
    const orders: ClientOrders = {
      name: life.name,
      url,
      way,
      firstNumber,
      outboxFile,
      paceMs,
      seed: seed + firstNumber,
    }
    const child = startProgram(PROGRAM, [JSON.stringify(orders)], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child = child
    this.#state = 'alive'
    let lastWords = ''
    child.stderr?.on('data', (text: Buffer) => {
      lastWords = `${lastWords}${text}`.slice(-2_000)
    })
    child.on('message', (message: FromClient) => {
      if ('notes' in message) life.notes.push(...message.notes)
      else if ('look' in message) this.#looks.get(message.asked)?.(message.look)
      else report(message.report)
    })
    child.on('exit', (code) => {
      if (!life.wasKilled && this.#isWanted) onCrash(`${life.name} ended by itself (${code}): ${lastWords}`)
      if (this.#child === child) this.#state = 'dead'
    })
    if (this.#isResting) this.rest()
  }

  /** Without a word. The next one is started after a while. */
  kill(downMs: number): boolean {
    const child = this.#child
    const life = this.lives.at(-1)
    if (!child || !life || this.#state === 'dead' || isOver(child)) return false
    life.wasKilled = true
    child.kill('SIGKILL')
    child.once('exit', () => void pause(downMs).then(() => this.start()))
    return true
  }

  /** Stands still for a while, as a device that sleeps. */
  stop(forMs: number): boolean {
    const child = this.#child
    if (!child || this.#state !== 'alive') return false
    this.#state = 'stopped'
    child.kill('SIGSTOP')
    void pause(forMs).then(() => this.#go(child))
    return true
  }

  /** It lives and runs. */
  heal(): void {
    if (this.#child) this.#go(this.#child)
    this.start()
  }

  rest(): void {
    this.#isResting = true
    this.#tell({ order: 'rest' })
  }

  /** Undefined: it does not answer. */
  async look(): Promise<Look | undefined> {
    const asked = ++this.#asked
    const answer = new Promise<Look>((resolve) => this.#looks.set(asked, resolve))
    this.#tell({ order: 'look', asked })
    const look = await Promise.race([answer, pause(LOOK_MS).then(() => undefined)])
    this.#looks.delete(asked)
    return look
  }

  close(): void {
    this.#isWanted = false
    this.#child?.kill('SIGKILL')
  }

  #go(child: ChildProcess): void {
    child.kill('SIGCONT')
    if (this.#child === child && this.#state === 'stopped') this.#state = 'alive'
  }

  #tell(message: ToClient): void {
    // One that ends in this moment is not told.
    if (this.#child?.connected) this.#child.send(message, () => {})
  }
}
