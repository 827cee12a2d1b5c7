// A whole Tidings in one place: the shipped server in memory, data invented from the contract, faults by name. For pages
// without a backend, and for tests without a network.

import {
  type Client,
  type ClientOptions,
  createClient,
  type Dial,
  type Lifecycle,
  type Source,
} from '@tidings/client'
import type {
  AnyDefinition,
  Cancel,
  Chance,
  ChannelRef,
  Clock,
  Contract,
  EventInput,
  EventName,
  Position,
  Socket,
  SocketHandlers,
} from '@tidings/core'
import { Backend } from './backend.ts'
import { type Fault, isLasting, type LastingFault } from './faults.ts'
import { Network } from './network.ts'
import type { MockOptions } from './options.ts'
import { Scene } from './scene.ts'

/** What `createClient` needs to talk to the mock instead of a server. */
export interface MockedClientOptions {
  readonly dial: Dial
  readonly lifecycle: Lifecycle
  readonly clock: Clock
  readonly chance: Chance
}

export interface Mock {
  /** `createClient({ ...mock.clientOptions, token })` */
  readonly clientOptions: MockedClientOptions
  /** As the backend: resolves when the log has it. Without data, some is invented. */
  publish<D extends AnyDefinition, Name extends EventName<D>>(
    channel: ChannelRef<D>,
    event: Name,
    data?: EventInput<D, Name>,
  ): Promise<Position>
  /** In each such time one of these events happens in the channel; all of its events by default. Undone by what it returns. */
  every<D extends AnyDefinition>(
    everyMs: number,
    channel: ChannelRef<D>,
    ...events: readonly EventName<D>[]
  ): Cancel
  /** Begins a lasting fault, or lets an accident happen. */
  fault(name: Fault): void
  /** Ends a lasting fault; all of them without a name. */
  restore(name?: LastingFault): void
  /** The lasting faults of this moment. */
  readonly faults: Source<ReadonlySet<LastingFault>>
  /** A client of somebody else, on a network of their own that has no faults. Closed with the mock. */
  person(user: string, options?: Omit<ClientOptions, keyof MockedClientOptions | 'token' | 'url'>): Client
  /** The server is gone, and so is everything in it. */
  close(): void
}

/**
 * A server in memory. Nothing of it knows the network or the platform: it runs in a page, in a worker and in Node. It is
 * inert until somebody dials or publishes.
 *
 * @example
 * const mock = createMock({ contract, history: 12, everyMs: 5_000 })
 * const client = createClient({ ...mock.clientOptions })
 */
export function createMock<C extends Contract>(options: MockOptions<C>): Mock {
  return new InMemory(options as unknown as MockOptions<Contract>)
}

class InMemory implements Mock {
  readonly clientOptions: MockedClientOptions
  readonly faults: Source<ReadonlySet<LastingFault>>
  readonly #scene: Scene
  readonly #backend: Backend
  readonly #network: Network
  readonly #people = new Set<Client>()
  #isClosed = false

  constructor(options: MockOptions<Contract>) {
    const scene = new Scene(options, (ref, event) => this.publish(ref as ChannelRef, event as never))
    const { clock, chance, stage, authenticate, authorize, calls, observe } = scene
    const { contract, limits = {} } = options
    this.#scene = scene
    this.faults = scene.faults
    this.#backend = new Backend({
      ...{ contract, stage, authenticate, authorize, calls, limits, clock, chance, observe },
    })
    const has = (fault: LastingFault) => scene.has(fault)
    this.#network = new Network({ clock, chance, has, accept: (socket) => this.#accept(socket) })
    const { dial, lifecycle } = this.#network
    this.clientOptions = { dial, lifecycle, clock, chance }
  }

  async publish(ref: ChannelRef, event: string, data?: unknown): Promise<Position> {
    return (await this.#backend.publish(ref.name, event, this.#scene.dataFor(ref, event, data))).position
  }

  every(everyMs: number, ref: ChannelRef, ...events: readonly string[]): Cancel {
    return this.#scene.every(everyMs, () => this.#scene.happeningsOf(ref, events))
  }

  fault(name: Fault): void {
    if (isLasting(name)) {
      if (this.#scene.add(name)) this.#begin(name)
      return
    }
    switch (name) {
      case 'drop':
        return this.#network.cut()
      case 'half-open':
        return this.#network.silence()
      case 'expired-token':
        return this.#network.close(4402, 'token-expired')
      case 'server-restart':
        return this.#backend.restart(false)
      case 'history-lost':
        return this.#backend.restart(true)
    }
  }

  restore(name?: LastingFault): void {
    if (this.#scene.remove(name).has('offline')) this.#network.hint('online')
  }

  person(
    user: string,
    options: Omit<ClientOptions, keyof MockedClientOptions | 'token' | 'url'> = {},
  ): Client {
    const { clock, chance } = this.#scene
    const { dial, lifecycle } = new Network({
      ...{ clock, chance },
      has: () => false,
      accept: (socket) => this.#accept(socket),
    })
    const client = createClient({ ...options, dial, lifecycle, clock, chance, token: async () => user })
    this.#people.add(client)
    return client
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#scene.close()
    for (const client of this.#people) client.close()
    this.#backend.close()
  }

  #accept(socket: Socket): SocketHandlers | undefined {
    this.#scene.begin()
    return this.#backend.accept(socket)
  }

  #begin(fault: LastingFault): void {
    switch (fault) {
      case 'offline':
        this.#network.hint('offline')
        return this.#network.cut()
      case 'unreachable':
        return this.#network.cut()
      case 'flaky':
        return this.#network.unsettle()
      case 'signed-out':
        return this.#network.close(4402, 'token-expired')
      case 'slow':
      case 'read-only':
      case 'log-down':
        return
    }
  }
}
