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
import {
  type AnyDefinition,
  type Cancel,
  type Chance,
  type ChannelRef,
  type Clock,
  type Contract,
  Emitter,
  type EventInput,
  type EventName,
  type Position,
  type Socket,
  type SocketHandlers,
  systemClock,
} from '@tidings/core'
import { seededChance } from '@tidings/core/testing'
import type { Authenticate, Authorize, CallHandlers, Limits, Observe } from '@tidings/server'
import type { HubOptions } from '@tidings/server/parts'
import { Backend } from './backend.ts'
import { callsOf } from './calls.ts'
import { type Fault, isLasting, type LastingFault } from './faults.ts'
import { Network } from './network.ts'
import { type Generators, Samples, type SamplesOptions, type ToJsonSchema } from './samples.ts'
import { Stage } from './stage.ts'
import { trustingAuthenticate } from './who.ts'

export interface MockOptions<C extends Contract> {
  readonly contract: C
  /** Data for events by name; `false` for one that shall not happen by itself. Default: invented from the schemas. */
  readonly data?: Generators<C> | undefined
  /** For validators that do not tell JSON Schema themselves: Valibot's `toJsonSchema`, say. */
  readonly toJsonSchema?: ToJsonSchema | undefined
  /** Entries that a channel has when it is first opened. Default 0. */
  readonly history?: number | undefined
  /** In each such time one event of every kind happens in every channel that somebody follows. Milliseconds; default: never. */
  readonly everyMs?: number | undefined
  /** Another seed, other data. Default 1. */
  readonly seed?: number | undefined
  /** Who is there without a token. Default: somebody anonymous. */
  readonly user?: string | undefined
  /** Default: whoever the token names. */
  readonly authenticate?: Authenticate | undefined
  readonly authorize?: Authorize | undefined
  /** Default: answers are invented from the schemas. */
  readonly calls?: CallHandlers<C> | undefined
  readonly limits?: Partial<Limits> | undefined
  /** A `VirtualClock` for tests. Default: the system's. */
  readonly clock?: Clock | undefined
  readonly observe?: Observe | undefined
  /** Told what could not be invented, and what went wrong in the server. Default: `console.error`. */
  readonly report?: ((problem: unknown) => void) | undefined
}

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
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #samples: Samples
  readonly #backend: Backend
  readonly #network: Network
  readonly #report: (problem: unknown) => void
  readonly #changed = new Emitter<[]>((error) => this.#report(error))
  readonly #scripts = new Set<Cancel>()
  readonly #people = new Set<Client>()
  #lasting: ReadonlySet<LastingFault> = new Set()
  #onFirstUse: (() => void) | undefined
  #isClosed = false

  constructor(options: MockOptions<Contract>) {
    const { contract, clock = systemClock, seed = 1, history = 0, observe, report = console.error } = options
    this.#clock = clock
    this.#report = report
    // The data repeats itself from seed to seed; the server's own names must not, or a page that is loaded anew would
    // take the new log for the old one.
    const chance = seededChance(seed ^ clock.now())
    this.#chance = chance
    const has = (fault: LastingFault) => this.#lasting.has(fault)
    this.#samples = new Samples({
      contract,
      seed,
      // What a generator is given is the same for all of them; what it gives is checked by the event's schema.
      generators: (options.data ?? {}) as SamplesOptions['generators'],
      toJsonSchema: options.toJsonSchema,
    })
    const stage = new Stage({
      ...{ contract, clock, chance, history, report, samples: this.#samples },
      isDown: () => has('log-down'),
    })
    const { authenticate = trustingAuthenticate(options.user), authorize = () => true } = options
    this.#backend = new Backend({
      ...{ contract, stage, clock, chance, limits: options.limits ?? {} },
      authenticate: (credentials) => (has('signed-out') ? undefined : authenticate(credentials)),
      authorize: (request) => (request.action === 'publish' && has('read-only') ? false : authorize(request)),
      calls: callsOf(contract, (options.calls ?? {}) as HubOptions['calls'], {
        samples: this.#samples,
        clock,
      }),
      observe: (happening) => {
        if (happening.name === 'fault') report(happening.error)
        observe?.(happening)
      },
    })
    this.#network = new Network({ clock, chance, has, accept: (socket) => this.#accept(socket) })
    const { dial, lifecycle } = this.#network
    this.clientOptions = { dial, lifecycle, clock, chance }
    this.faults = { get: () => this.#lasting, subscribe: (listener) => this.#changed.on(listener) }
    const { everyMs } = options
    if (everyMs !== undefined) mustBeInterval(everyMs)
    this.#onFirstUse = () => {
      if (everyMs !== undefined)
        this.#repeat(everyMs, () => stage.open.flatMap((ref) => this.#happeningsOf(ref, [])))
    }
  }

  async publish(ref: ChannelRef, event: string, data?: unknown): Promise<Position> {
    const given = data === undefined ? this.#samples.event(ref, event, this.#clock.now()) : data
    return (await this.#backend.publish(ref.name, event, given)).position
  }

  every(everyMs: number, ref: ChannelRef, ...events: readonly string[]): Cancel {
    return this.#repeat(everyMs, () => this.#happeningsOf(ref, events))
  }

  fault(name: Fault): void {
    if (isLasting(name)) {
      if (!this.#lasting.has(name)) this.#begin(name)
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
    const wasOffline = this.#lasting.has('offline')
    const left = new Set(this.#lasting)
    if (name === undefined) left.clear()
    else left.delete(name)
    this.#change(left)
    if (wasOffline && !left.has('offline')) this.#network.hint('online')
  }

  person(
    user: string,
    options: Omit<ClientOptions, keyof MockedClientOptions | 'token' | 'url'> = {},
  ): Client {
    const [clock, chance] = [this.#clock, this.#chance]
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
    for (const cancel of [...this.#scripts]) cancel()
    for (const client of this.#people) client.close()
    this.#backend.close()
  }

  #accept(socket: Socket): SocketHandlers | undefined {
    const begin = this.#onFirstUse
    this.#onFirstUse = undefined
    begin?.()
    return this.#backend.accept(socket)
  }

  #begin(fault: LastingFault): void {
    this.#change(new Set([...this.#lasting, fault]))
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

  #change(lasting: ReadonlySet<LastingFault>): void {
    this.#lasting = lasting
    this.#changed.emit()
  }

  #happeningsOf(ref: ChannelRef, events: readonly string[]): (() => Promise<unknown>)[] {
    const names = events.length > 0 ? events : this.#samples.eventsOf(ref)
    return names.map((event) => () => this.publish(ref, event))
  }

  /** What happens in each such time happens at moments of its own within it: nothing real comes in step. */
  #repeat(everyMs: number, happenings: () => (() => Promise<unknown>)[]): Cancel {
    mustBeInterval(everyMs)
    const timers = new Set<Cancel>()
    const later = (delayMs: number, run: () => void) => {
      const cancel = this.#clock.setTimer(delayMs, () => {
        timers.delete(cancel)
        run()
      })
      timers.add(cancel)
    }
    const round = () => {
      for (const happen of happenings())
        later(
          Math.floor(everyMs * this.#chance.fraction()),
          () => void happen().catch((error) => this.#mention(error)),
        )
      later(everyMs, round)
    }
    round()
    const stop = () => {
      for (const cancel of timers) cancel()
      timers.clear()
      this.#scripts.delete(stop)
    }
    this.#scripts.add(stop)
    return stop
  }

  /** While the log is down, nothing happens in it: that is no problem of the script's. */
  #mention(error: unknown): void {
    if (!this.#lasting.has('log-down') && !this.#isClosed) this.#report(error)
  }
}

function mustBeInterval(everyMs: number): void {
  if (!(everyMs > 0)) throw new TypeError(`Events every ${everyMs} ms cannot be; give more than zero.`)
}
