// The server, as long as the run lasts: always on the same port and the same file, killed and started again as often as
// faults want it.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { isOver, startProgram } from './process.ts'
import { pause } from './proxy.ts'

export interface ServerProcessOptions {
  readonly program: string
  readonly port: number
  readonly env: Readonly<Record<string, string>>
  /** It has ended, and nobody had asked it to. */
  readonly onCrash: (message: string) => void
}

/** Before a server that could not start is started again, in milliseconds. */
const RETRY_MS = 150
/** The last lines that it has logged are kept for whoever wants to know why. */
const MOST_LINES = 20

export class ServerProcess {
  readonly lines: string[] = []
  readonly #options: ServerProcessOptions
  #child: ChildProcess | undefined
  #state: 'down' | 'up' | 'stopped' | 'ending' = 'down'
  #isWanted = true
  /** How often it was ready to serve. */
  starts = 0

  constructor(options: ServerProcessOptions) {
    this.#options = options
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#options.port}`
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when it serves; while its disk refuses, it is tried again. */
  async start(): Promise<void> {
    while (this.#isWanted && this.#state === 'down') if (!(await this.#tryToStart())) await pause(RETRY_MS)
  }

  /** Without a word, and started again after a while. False: it is not there to be killed. */
  kill(downMs: number): boolean {
    return this.#end('SIGKILL', downMs)
  }

  /** With a word to everybody: the graceful way. */
  drain(downMs: number): boolean {
    return this.#state === 'up' && this.#end('SIGTERM', downMs)
  }

  /** Stands still for a while, its sockets open. */
  stop(forMs: number): boolean {
    const child = this.#child
    if (this.#state !== 'up' || !child) return false
    this.#state = 'stopped'
    child.kill('SIGSTOP')
    void pause(forMs).then(() => this.#go(child))
    return true
  }

  /** Resolves when it is up, whatever was done to it. */
  async heal(): Promise<void> {
    if (this.#child) this.#go(this.#child)
    while (this.#isWanted && this.#state !== 'up') await pause(RETRY_MS)
  }

  close(): void {
    this.#isWanted = false
    this.#child?.kill('SIGKILL')
  }

  #go(child: ChildProcess): void {
    child.kill('SIGCONT')
    if (this.#child === child && this.#state === 'stopped') this.#state = 'up'
  }

  #end(signal: 'SIGKILL' | 'SIGTERM', downMs: number): boolean {
    const child = this.#child
    if (!child || (this.#state !== 'up' && this.#state !== 'stopped')) return false
    this.#state = 'ending'
    const ended = once(child, 'exit')
    child.kill(signal)
    void ended.then(async () => {
      await pause(downMs)
      this.#state = 'down'
      await this.start()
    })
    return true
  }

  async #tryToStart(): Promise<boolean> {
    const { program, port, env, onCrash } = this.#options
    const child = startProgram(program, [], {
      env: { ...process.env, ...env, PORT: String(port), HOST: '127.0.0.1', NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    child.stderr?.on('data', (text: Buffer) => this.#keep(text.toString()))
    const isReady = await new Promise<boolean>((resolve) => {
      child.stdout?.on('data', (text: Buffer) => text.includes('Ready at') && resolve(true))
      child.on('exit', () => resolve(false))
    })
    if (!isReady) return false
    this.starts++
    this.#state = 'up'
    child.on('exit', (code, signal) => {
      if (!this.#isWanted || this.#child !== child || this.#state === 'ending') return
      this.#state = 'down'
      onCrash(
        `the server ended by itself (${code ?? signal}); its last words: ${this.lines.at(-1) ?? 'none'}`,
      )
      void this.start()
    })
    if (isOver(child)) this.#state = 'down'
    return this.#state === 'up'
  }

  #keep(text: string): void {
    this.lines.push(...text.split('\n').filter((line) => line !== ''))
    this.lines.splice(0, this.lines.length - MOST_LINES)
  }
}

/** One that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
