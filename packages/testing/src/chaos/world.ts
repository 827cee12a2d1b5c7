// Everything that the faults happen to: the server, the clients and the backends, each behind a proxy of its own, in a
// folder that is gone afterwards.

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@tidings/core'
import { seededChance } from '@tidings/core/testing'
import { Draw } from '../simulation/draw.ts'
import { ClientProcess } from './client-process.ts'
import { Disk, type DiskFault } from './disk.ts'
import type { Look } from './notes.ts'
import { killAll } from './process.ts'
import { FaultProxy, pause, type Tamper } from './proxy.ts'
import { Publisher } from './publisher.ts'
import { freePort, ServerProcess } from './server-process.ts'

export interface WorldOptions {
  readonly seed: number
  readonly clients: number
  /** Another server than the shipped one, for a test that plants something. */
  readonly serverProgram: string | undefined
  /** What the way of each client, counted from 0, does to what passes. */
  readonly tamper: ((client: number) => Tamper | undefined) | undefined
  /** Something that must not be; told at once. */
  readonly onWrong: (message: string) => void
  /** For the timeline of a failure. */
  readonly report: (line: string) => void
}

const SERVER_PROGRAM = fileURLToPath(new URL('./server-program.ts', import.meta.url))
const API_KEY = 'chaos-has-a-key-of-its-own'
/** How long a draining server waits for everybody to leave, in milliseconds. */
const DRAIN_MS = 1_500
/** What the clients may take to connect before the first fault, in milliseconds. */
const MOST_START_MS = 8_000
/** How long the server may take to say how it is, in milliseconds. */
const ASK_MS = 500
const LOOK_EVERY_MS = 100
const CLIENT_PACE_MS = 25
const BACKEND_PACE_MS = 15

interface FailingDisk {
  readonly kind: DiskFault
  /** Monotonic milliseconds; undefined while it is being made to fail. */
  since: number | undefined
  /** Of the server, and of answers that refused, before it failed. */
  readonly starts: number
  readonly unavailable: number
}

export class World {
  readonly server: ServerProcess
  readonly proxies: readonly FaultProxy[]
  readonly clients: readonly ClientProcess[]
  readonly publishers: readonly Publisher[]
  readonly disk: Disk
  readonly #tidyUp: () => void
  readonly #startedAt = systemClock.monotonic()
  readonly #onWrong: (message: string) => void
  #failingDisk: FailingDisk | undefined
  #isOver = false

  static async open(options: WorldOptions): Promise<World> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tidings-chaos-')))
    const tidyUp = () => endAll(folder)
    process.once('exit', tidyUp)
    try {
      const data = join(folder, 'data')
      mkdirSync(data)
      const disk = await Disk.prepare({ folder, data })
      const port = await freePort()
      const proxies: FaultProxy[] = []
      for (let i = 0; i < options.clients + 2; i++)
        proxies.push(
          await FaultProxy.start(() => port, i < options.clients ? options.tamper?.(i) : undefined),
        )
      return new World(options, { folder, data, disk, port, proxies, tidyUp })
    } catch (error) {
      process.off('exit', tidyUp)
      tidyUp()
      throw error
    }
  }

  private constructor(
    options: WorldOptions,
    parts: {
      folder: string
      data: string
      disk: Disk
      port: number
      proxies: FaultProxy[]
      tidyUp: () => void
    },
  ) {
    const { seed, clients, serverProgram, onWrong, report } = options
    const { folder, data, disk, port, proxies, tidyUp } = parts
    this.#tidyUp = tidyUp
    this.#onWrong = onWrong
    this.disk = disk
    this.proxies = proxies
    this.server = new ServerProcess({
      program: serverProgram ?? SERVER_PROGRAM,
      port,
      env: {
        ...disk.env,
        TIDINGS_DATA: data,
        TIDINGS_API_KEY: API_KEY,
        TIDINGS_DRAIN_MS: String(DRAIN_MS),
        LOG_LEVEL: 'warn',
      },
      onCrash: onWrong,
    })
    const addressOf = (way: number) => `http://127.0.0.1:${proxies[way]?.port}`
    this.clients = Array.from(
      { length: clients },
      (_, i) =>
        new ClientProcess({
          number: i + 1,
          url: addressOf(i),
          way: i % 3 === 1 ? 'sse' : 'websocket',
          // Every second one keeps what it writes, every third one has no WebSocket: each kind with each.
          outboxFile: i % 2 === 0 ? join(folder, `outbox-${i + 1}`) : undefined,
          paceMs: CLIENT_PACE_MS,
          seed,
          report,
          onCrash: onWrong,
        }),
    )
    this.publishers = (['key', 'producer'] as const).map(
      (identity, i) =>
        new Publisher({
          number: clients + 1 + i,
          identity,
          origin: addressOf(clients + i),
          apiKey: API_KEY,
          paceMs: BACKEND_PACE_MS,
          draw: new Draw(seededChance(seed + 7_919 * (i + 1))),
          diskFailsSince: () => this.#failingDisk?.since,
          onFalseAnswer: onWrong,
        }),
    )
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return systemClock.monotonic() - this.#startedAt
  }

  /** Answers to backends that said that the log cannot be written. */
  get unavailable(): number {
    return this.publishers.reduce((sum, { unavailable }) => sum + unavailable, 0)
  }

  get apiKey(): string {
    return API_KEY
  }

  async start(): Promise<void> {
    await this.server.start()
    for (const client of this.clients) client.start()
    for (const publisher of this.publishers) publisher.start()
    // A fault that finds nobody is none.
    const deadline = this.now + MOST_START_MS
    const areThere = async () =>
      (await Promise.all(this.clients.map((client) => client.look()))).every(isConnected)
    while (this.now < deadline && !(await areThere())) await pause(LOOK_EVERY_MS)
  }

  after(delayMs: number, run: () => void): void {
    systemClock.setTimer(delayMs, () => {
      if (!this.#isOver) run()
    })
  }

  /** False: this machine does not allow it, or the disk fails already. */
  failDisk(kind: DiskFault, forMs: number): boolean {
    if (!this.disk.can(kind) || this.#failingDisk || !this.server.isUp) return false
    const failing: FailingDisk = {
      kind,
      since: undefined,
      starts: this.server.starts,
      unavailable: this.unavailable,
    }
    this.#failingDisk = failing
    void this.disk.begin(kind, this.server.pid).then(() => {
      failing.since = systemClock.monotonic()
    })
    this.after(forMs, () => void this.#mendDisk())
    return true
  }

  /** Everything that was done is undone. */
  async heal(): Promise<void> {
    await this.#mendDisk()
    for (const client of this.clients) client.heal()
    await Promise.all([...this.proxies.map((proxy) => proxy.admit()), this.server.heal()])
  }

  rest(): void {
    for (const client of this.clients) client.rest()
    for (const publisher of this.publishers) publisher.rest()
  }

  /** Leaves nothing behind. May be called at any moment, and more than once. */
  close(): void {
    this.#isOver = true
    this.server.close()
    for (const client of this.clients) client.close()
    for (const publisher of this.publishers) publisher.rest()
    for (const proxy of this.proxies) proxy.close()
    process.off('exit', this.#tidyUp)
    this.#tidyUp()
  }

  async #mendDisk(): Promise<void> {
    const failing = this.#failingDisk
    if (!failing) return
    await this.#checkReadiness(failing)
    // From the first moment in which it might work again, an acknowledgement may be true.
    this.#failingDisk = undefined
    await this.disk.end(failing.kind, this.server.pid)
  }

  /** [HT8] A server that had to refuse a write says so to whoever asks how it is. */
  async #checkReadiness({ kind, starts, unavailable }: FailingDisk): Promise<void> {
    const isSame = () => this.server.isUp && this.server.starts === starts
    if (!isSame() || this.unavailable === unavailable) return
    const abort = new AbortController()
    const stop = systemClock.setTimer(ASK_MS, () => abort.abort())
    try {
      const { status } = await fetch(`${this.server.origin}/readyz`, { signal: abort.signal })
      if (status === 200 && isSame())
        this.#onWrong(`the server called itself ready, with its disk at "${kind}"`)
    } catch {
      // It was killed or stopped in this moment.
    } finally {
      stop()
    }
  }
}

/** Also on the way out, where nothing can be waited for. */
function endAll(folder: string): void {
  killAll()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

const isConnected = (look: Look | undefined) => look?.connection.startsWith('connected') ?? false
