// A device: a disk, and pages that come and go on it, each with a client of its own. A page can be closed, killed or frozen.

import { type Client, type ClientOptions, createClient } from '@tidings/client'
import { type DurableStorage, durable } from '@tidings/client/durable'
import type { Cancel, Clock, TidingsError } from '@tidings/core'
import { seededChance, VirtualClock } from '@tidings/core/testing'
import { type DiskPage, OutboxDisk, type PageOptions } from '@tidings/testing/outbox-disk'
import { HandLifecycle, TinyServer } from './tiny-server.ts'
import { plain, type Said } from './world.ts'

export interface Page {
  readonly client: Client
  readonly disk: DiskPage
  readonly storage: DurableStorage
  readonly errors: TidingsError[]
  readonly lifecycle: HandLifecycle
  /** Ends it without a word, as a crash does. */
  kill(): void
}

export class Device {
  readonly clock = new VirtualClock()
  readonly server = new TinyServer(this.clock)
  readonly disk = new OutboxDisk()
  #pages = 0

  open({ user, page = {}, ...options }: ClientOptions & { user?: string; page?: PageOptions } = {}): Page {
    const disk = this.disk.open(page)
    const storage = durable(disk)
    const errors: TidingsError[] = []
    const lifecycle = new HandLifecycle()
    const from = this.server.connections.length
    let isAlive = true
    const clock = new PageClock(this.clock)
    const client = createClient({
      url: 'ws://server.test/v1/socket',
      clock,
      // Never two pages with the same names.
      chance: seededChance(++this.#pages),
      dial: (...dialled) =>
        isAlive ? this.server.dial(...dialled) : { send() {}, close() {}, bufferedBytes: 0 },
      lifecycle,
      onError: (error) => void errors.push(error),
      ...options,
      outbox: { storage, ...(user !== undefined && { user }), ...options.outbox },
    })
    const kill = () => {
      isAlive = false
      clock.stop()
      disk.kill()
      for (const { pair } of this.server.connections.slice(from)) pair.cut()
    }
    return { client, disk, storage, errors, lifecycle, kill }
  }

  /** Everything that can happen without time passing. */
  settle(): Promise<void> {
    return this.server.settle()
  }

  /** The texts that the channel's log has, in order. */
  log(channel = hall.name): string[] {
    return this.server.log(channel).entries.map(({ data }) => (data as Said).text)
  }
}

/** The device's clock, as long as the page lives. */
class PageClock implements Clock {
  readonly #clock: VirtualClock
  readonly #timers = new Set<Cancel>()
  #isOver = false

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  setTimer(delayMs: number, run: () => void): Cancel {
    if (this.#isOver) return () => {}
    const stop = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(stop)
      run()
    })
    this.#timers.add(stop)
    return () => {
      this.#timers.delete(stop)
      stop()
    }
  }

  endOfTurn(run: () => void): void {
    this.#clock.endOfTurn(() => {
      if (!this.#isOver) run()
    })
  }

  stop(): void {
    this.#isOver = true
    for (const stop of this.#timers) stop()
    this.#timers.clear()
  }
}

export const hall = plain({ room: 'a' })

/** Writes these, one after the other. */
export function write({ client }: Page, ...texts: string[]) {
  return texts.map((text) => client.channel(hall).publish('said', { text }))
}

export const pending = ({ client }: Page) => client.outbox.get().map(({ data }) => (data as Said).text)
export const statuses = ({ client }: Page) => client.outbox.get().map(({ status }) => status.get().name)

/** Who the server says has written what. */
export const authors = ({ server }: Device) =>
  server
    .log(hall.name)
    .entries.map(({ by, data }) => [by?.replace(/^you-\w+-?/, ''), (data as Said).text].join(': '))

/** Opens a page of this person, writes while the server is away, and closes it without a word. */
export async function leave(device: Device, user: string | undefined, ...texts: string[]): Promise<void> {
  device.server.user = user
  device.server.mode = 'open'
  const page = device.open()
  page.client.connect()
  await device.settle()
  device.server.last.pair.cut()
  device.server.mode = 'refuse'
  write(page, ...texts)
  await device.settle()
  page.kill()
}

/** Comes as this person, connected. */
export async function come(device: Device, user: string | undefined, options = {}): Promise<Page> {
  device.server.user = user
  device.server.mode = 'open'
  const page = device.open(options)
  page.client.connect()
  await device.server.advance(40_000)
  return page
}
