// The real command in a process of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))
export const contractFile = fileURLToPath(new URL('fixtures/contract.ts', import.meta.url))

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Default: an empty one of the test's own. */
  readonly folder?: string
}

/** `tidings …` under way. */
export class Tidings {
  readonly #child: ChildProcess
  stdout = ''
  stderr = ''
  readonly exitCode: Promise<number | null>

  constructor(args: readonly string[], { env = {}, input, folder = newFolder() }: Options = {}) {
    const { PATH = '', HOME = '' } = process.env
    this.#child = spawn(process.execPath, ['--conditions=@tidings/source', bin, ...args], {
      cwd: folder,
      env: { PATH, HOME, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    this.#child.stdin?.end(input)
    this.#child.stdout?.on('data', (chunk) => {
      this.stdout += chunk
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.stderr += chunk
    })
    this.exitCode = once(this.#child, 'close').then(([code]) => code)
    onTestFinished(async () => {
      this.#child.kill('SIGKILL')
      await this.exitCode
    })
  }

  /** Its lines on standard output, as the JSON that they are. */
  get entries(): Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal)
    return this.exitCode
  }
}

/** Runs `tidings …` to its end. */
export async function tidings(args: readonly string[], options?: Options) {
  const command = new Tidings(args, options)
  const code = await command.exitCode
  return { code, stdout: command.stdout, stderr: command.stderr }
}

/** `tidings serve` in a folder, answering; on `port`, or any free one. */
export async function serve(folder: string, port = 0, ...args: readonly string[]) {
  const server = new Tidings(
    ['serve', '--contract', contractFile, '--port', String(port), '--anonymous', ...args],
    { folder },
  )
  const url = await seen(server, /http:\/\/\S+:\d+/)
  return { server, url, port: Number(new URL(url).port) }
}

async function seen(command: Tidings, pattern: RegExp): Promise<string> {
  let found: string | undefined
  await until(`${pattern} is printed`, () => {
    found = pattern.exec(command.stdout)?.[0]
    return found !== undefined
  })
  return found as string
}

export async function until(what: string, isSo: () => boolean, withinMs = 15_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs / 1000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A folder of the test's own, removed after it. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
