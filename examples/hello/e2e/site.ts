// The real server of the examples in a process of its own, as `npm start` runs it: on a free port that stays the same
// across restarts, with a data folder of its own. Whatever a test leaves running is stopped after it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../..', import.meta.url))
const serverFile = join(root, 'examples/site/server.ts')
const START_MS = 30_000

export interface SiteOptions {
  /** Another file than the site's own server. */
  readonly serverFile?: string
  /** Where it runs. */
  readonly folder?: string
}

export class Site {
  readonly port: number
  readonly url: string
  readonly dataFolder = mkdtempSync(join(tmpdir(), 'hello-e2e-'))
  readonly #options: SiteOptions
  #process: ChildProcess | undefined
  /** What the running server has printed. */
  output = ''

  private constructor(port: number, options: SiteOptions) {
    this.port = port
    this.url = `http://127.0.0.1:${port}`
    this.#options = options
  }

  static async start(options: SiteOptions = {}): Promise<Site> {
    const site = new Site(await freePort(), options)
    try {
      await site.start()
    } catch (error) {
      await site.stop()
      throw error
    }
    return site
  }

  get apiKey(): string {
    return readFileSync(join(this.dataFolder, 'api-key'), 'utf8').trim()
  }

  /** Resolves when the server answers. */
  async start(): Promise<void> {
    this.output = ''
    const child = spawn(
      process.execPath,
      ['--conditions=@tidings/source', this.#options.serverFile ?? serverFile],
      {
        cwd: this.#options.folder ?? root,
        env: {
          ...process.env,
          PORT: String(this.port),
          HOST: '127.0.0.1',
          TIDINGS_DATA: this.dataFolder,
          TIDINGS_API_KEY: '',
          NODE_OPTIONS: '',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.output += chunk))
    this.#process = child
    const deadline = Date.now() + START_MS
    while (!(await isReady(this.url))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await this.kill()
        throw new Error(`The server did not start:\n${this.output}`)
      }
      await pause(50)
    }
  }

  /** As a backend does. */
  async publish(room: string, name: string, text: string): Promise<void> {
    const response = await fetch(this.addressOf(room), {
      method: 'POST',
      headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'said', data: { name, text } }),
    })
    if (!response.ok) throw new Error(`The server refused "${text}": ${await response.text()}`)
  }

  /** Of a room's events. */
  addressOf(room: string): string {
    return `${this.url}/v1/channels/hello%2F${room}/events`
  }

  /** As a crash or a power cut ends it: nothing is said, nothing is written any more. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Stops the server for good, as an operator would, and removes its data. Returns its exit code. */
  async stop(): Promise<number | null> {
    const code = await this.#end('SIGTERM')
    rmSync(this.dataFolder, { recursive: true, force: true })
    return code
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    return child.exitCode
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`)
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('There is no free port.')
}

/** Builds the pages as `npm start` does. */
export function buildPages(): void {
  const build = spawnSync('npm', ['run', '--silent', 'build:pages'], { cwd: root, encoding: 'utf8' })
  if (build.status !== 0) throw new Error(`The pages could not be built:\n${build.stdout}${build.stderr}`)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Looks again and again until `isSo`, and says what was missing when it never was. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs / 1000} s: ${what}`)
    await pause(25)
  }
}
