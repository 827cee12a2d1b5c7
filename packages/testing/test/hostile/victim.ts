// A server in a process of its own: what an attack costs it in memory can be measured there, and nothing else is.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Limits } from '@tidings/server'
import { onTestFinished } from 'vitest'
import { eventsPath, KEY } from './contract.ts'
import { Raw } from './raw.ts'
import { type Headers, upgradeRequest } from './wire.ts'

export interface Memory {
  /** Bytes, after two collections. */
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
  readonly connections: number
  /** Bytes that one peer has not taken yet: the most of all. */
  readonly mostBuffered: number
}

const PROGRAM = fileURLToPath(new URL('./victim-process.ts', import.meta.url))

export class Victim {
  readonly port: number
  readonly #ask: () => Promise<Memory>

  /** `file`: of a SQLite log; without it the log is in memory. */
  static async start(
    options: {
      readonly limits?: Partial<Limits>
      readonly file?: string
      readonly compression?: boolean
    } = {},
  ): Promise<Victim> {
    const child = fork(PROGRAM, [JSON.stringify(options)], {
      execArgv: ['--conditions=@tidings/source', '--expose-gc'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const ended = once(child, 'exit')
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended
    })
    const [{ port }] = (await Promise.race([
      once(child, 'message'),
      ended.then(([code]) => Promise.reject(new Error(`The victim did not start: ${code}`))),
    ])) as [{ port: number }]
    let asked = 0
    const ask = async () => {
      const id = ++asked
      child.send({ id, ask: 'memory' })
      for (;;) {
        const [answer] = (await once(child, 'message')) as [{ id: number; memory: Memory }]
        if (answer.id === id) return answer.memory
      }
    }
    return new Victim(port, ask)
  }

  private constructor(port: number, ask: () => Promise<Memory>) {
    this.port = port
    this.#ask = ask
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  memory(): Promise<Memory> {
    return this.#ask()
  }

  /** Publishes as a backend. */
  async publish(channel: string, texts: readonly string[]): Promise<void> {
    const answer = await fetch(`${this.origin}${eventsPath(channel)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(texts.map((text) => ({ type: 'said', data: { text } }))),
    })
    if (answer.status !== 201) throw new Error(`Not published: ${answer.status} ${await answer.text()}`)
  }

  tcp(): Raw {
    return new Raw(this.port)
  }

  async upgraded(headers: Headers = {}): Promise<Raw> {
    const raw = this.tcp()
    raw.write(upgradeRequest(this.port, headers))
    await raw.when(() => raw.text.includes('\r\n\r\n'), 'the answer to an upgrade')
    return raw
  }
}

/** What a server's memory may grow by for reasons of its own: code that is compiled, heaps that are not given back. */
export const OWN_GROWTH = 48 * 1024 * 1024
