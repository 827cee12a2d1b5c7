// A device: a disk, and pages that come and go on it, each with a client of its own. A page can be closed, killed or frozen.

import { type Client, type ClientOptions, createClient } from '@tidings/client'
import { type DurableStorage, durable } from '@tidings/client/durable'
import type { TidingsError } from '@tidings/core'
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
    const client = createClient({
      url: 'ws://server.test/v1/socket',
      clock: this.clock,
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

export const hall = plain({ room: 'a' })

/** Writes these, one after the other. */
export function write({ client }: Page, ...texts: string[]) {
  return texts.map((text) => client.channel(hall).publish('said', { text }))
}

export const pending = ({ client }: Page) => client.outbox.get().map(({ data }) => (data as Said).text)
export const statuses = ({ client }: Page) => client.outbox.get().map(({ status }) => status.get().name)
