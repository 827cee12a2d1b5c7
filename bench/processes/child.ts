// A process of our own that answers questions: one line of JSON each way. Lines that are not ours are shown as they are.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const PREFIX = '@bench '
const ANSWER_TIMEOUT_MS = 120_000

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

export class Child {
  readonly #process: ChildProcess
  readonly #name: string
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #exit: Promise<void>
  #asked = 0

  constructor(name: string, command: readonly string[]) {
    this.#name = name
    const [program = '', ...args] = command
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })
    lines.on('line', (line) => {
      if (!line.startsWith(PREFIX)) return void process.stderr.write(`${name}: ${line}\n`)
      const answer = JSON.parse(line.slice(PREFIX.length)) as Answer
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    })
    this.#process.stdin?.on('error', () => {})
    this.#exit = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        for (const answer of this.#waiting.values())
          answer({ id: 0, error: `the process ended (${code ?? signal}) before it answered` })
        this.#waiting.clear()
        resolve()
      })
    })
  }

  ask<Result>(command: string, args: object = {}): Promise<Result> {
    const id = ++this.#asked
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new Error(`${this.#name}: no answer to ${command} within ${ANSWER_TIMEOUT_MS / 1_000} s`))
      }, ANSWER_TIMEOUT_MS)
      this.#waiting.set(id, ({ result, error }) => {
        clearTimeout(timer)
        if (error === undefined) resolve(result as Result)
        else reject(new Error(`${this.#name}: ${command}: ${error}`))
      })
      this.#process.stdin?.write(`${JSON.stringify({ id, command, args })}\n`)
    })
  }

  /** Ends the process; it has a second to leave by itself, so that profiles and files are in order. */
  async end(): Promise<void> {
    this.#process.stdin?.end()
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 3_000)
    await this.#exit
    clearTimeout(timer)
  }
}

export type Commands = Readonly<Record<string, (args: never) => unknown>>

/** The other end: answers until the parent hangs up, then leaves. */
export function answerParent(commands: Commands): void {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', async (line) => {
    const { id, command, args } = JSON.parse(line) as { id: number; command: string; args: never }
    const run = commands[command]
    let answer: object
    try {
      if (!run) throw new Error(`there is no command "${command}"`)
      answer = { id, result: await run(args) }
    } catch (error) {
      answer = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
    process.stdout.write(`${PREFIX}${JSON.stringify(answer)}\n`)
  })
  lines.on('close', () => process.exit(0))
}
