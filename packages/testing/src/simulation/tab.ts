// One tab of a person's browser: the shipped client on a machine of its own, and the application that uses it.

import { type Client, createClient, type LifecycleHint, type Publication } from '@tidings/client'
import {
  type Cancel,
  type Chance,
  type Position,
  type Socket,
  type SocketHandlers,
  TidingsError,
} from '@tidings/core'
import { naming } from '@tidings/core/testing'
import { channelOf, type Mark, sheet } from './contract.ts'
import type { Ledger } from './ledger.ts'
import { Machine } from './machine.ts'
import type { Caller } from './network.ts'
import { Reading } from './reading.ts'
import type { Shape } from './shape.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'
import type { Complain } from './violation.ts'

export interface TabOptions {
  readonly name: string
  readonly person: string
  readonly shape: Shape
  readonly timeline: Timeline
  readonly chance: Chance
  readonly ledger: Ledger
  readonly trace: Trace
  readonly complain: Complain
  readonly dial: (caller: Caller, handlers: SocketHandlers) => Socket
  /** The state of a sheet as the app's own API has it. */
  readonly fetchSheet: (channel: string) => Promise<{ readonly state: unknown; readonly position: Position }>
  /** True wall time, as the issuer of tokens has it. */
  readonly wall: () => number
  readonly replayEntries: number
}

export class Tab implements Caller {
  readonly name: string
  readonly person: string
  readonly machine: Machine
  readonly client: Client
  readonly readings = new Map<string, Reading>()
  readonly #options: TabOptions
  readonly #hints = new Set<(hint: LifecycleHint) => void>()
  readonly #present = new Map<string, Cancel>()
  #isOffline = false
  #isRefused = false
  #isClosed = false

  constructor(options: TabOptions) {
    const { name, person, timeline, chance, shape, trace, dial } = options
    this.#options = options
    this.name = name
    this.person = person
    this.machine = new Machine(timeline)
    this.client = createClient({
      url: 'ws://simulation/v1/socket',
      token: ({ reason }) => this.#token(reason === 'expiring'),
      backoff: { firstMs: 300, factor: 2, maxMs: 4_000 },
      breaker: { failures: 8, pauseMs: 6_000 },
      connectTimeoutMs: 4_000,
      stableAfterMs: 30_000,
      outbox: shape.outbox,
      onError: ({ code, message }) => {
        trace.note(name, `reports ${code}: ${message}`)
        if (code === 'forbidden') this.#isRefused = true
      },
      clock: this.machine,
      chance: naming(chance.token(22), chance),
      dial: (_, __, handlers) => dial(this, handlers),
      lifecycle: {
        isOnline: () => !this.#isOffline,
        subscribe: (listener) => {
          this.#hints.add(listener)
          return () => void this.#hints.delete(listener)
        },
      },
    })
    this.client.connection.subscribe(() => {
      const { status, reason } = this.client.connection.get()
      trace.note(name, `${status}: ${reason}`)
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get isOnline(): boolean {
    return this.client.connection.get().status === 'connected'
  }

  get told(): number {
    return [...this.readings.values()].reduce((sum, { told }) => sum + told, 0)
  }

  get resets(): number {
    return [...this.readings.values()].reduce((sum, { resets }) => sum + resets, 0)
  }

  /** The client has given up, or was refused something: it is told to try again. */
  get needsComfort(): boolean {
    if (this.#isClosed || !this.machine.isRunning) return false
    const isRefused = this.#isRefused
    this.#isRefused = false
    const { status } = this.client.connection.get()
    if (status === 'error' || isRefused) return true
    return [...this.readings.values()].some(
      ({ isOpen, channel }) => isOpen && channel.continuity.get().status === 'denied',
    )
  }

  /** Channels in which the application says that this tab is present. */
  get present(): Iterable<string> {
    return this.#present.keys()
  }

  /** Listeners of the platform that the client has not taken back. */
  get hintListeners(): number {
    return this.#hints.size
  }

  reading(channel: string): Reading {
    let reading = this.readings.get(channel)
    if (!reading) {
      const handle = this.client.channel(channelOf(channel))
      if (channel.startsWith('sheet/'))
        handle.configure({ load: (request) => this.#load(channel, request.position) })
      reading = new Reading({ ...this.#options, who: this.name, channel: handle })
      this.readings.set(channel, reading)
    }
    return reading
  }

  publish(channel: string, event: 'marked' | 'poisoned', mark: Mark): void {
    const reading = this.reading(channel)
    let publication: Publication
    try {
      publication = reading.channel.publish(event, mark)
    } catch (error) {
      if (error instanceof TidingsError)
        return this.#options.trace.note(this.name, `may not write: ${error.code}`)
      throw error
    }
    reading.wrote({ n: mark.n, publication })
    publication.status.subscribe(() =>
      this.#options.trace.note(this.name, `${channel} ${mark.n} ${publication.status.get().name}`),
    )
  }

  enter(channel: string, state: string): void {
    this.#present.get(channel)?.()
    this.#present.set(channel, this.reading(channel).channel.enter(state))
  }

  leave(channel: string): void {
    this.#present.get(channel)?.()
    this.#present.delete(channel)
  }

  /** Asks the server for what it is given: the answer has to be the same. */
  call(n: number): void {
    const { complain, trace } = this.#options
    this.client
      .channel(sheet({ id: 'a' }))
      .call('sum', { n })
      .then(
        (output) => {
          trace.note(this.name, `call ${n} answered`)
          if (output.n !== n)
            complain('silent', 'CL1', `${this.name} asked ${n} and was answered ${output.n}`)
        },
        (error: TidingsError) => trace.note(this.name, `call ${n} failed: ${error.code}`),
      )
  }

  hint(hint: LifecycleHint): void {
    if (hint === 'offline') this.#isOffline = true
    if (hint === 'online') this.#isOffline = false
    for (const listener of [...this.#hints]) listener(hint)
  }

  /** The person closes the tab in an orderly way. */
  close(): void {
    this.#isClosed = true
    for (const reading of this.readings.values()) reading.close()
    this.client.close()
  }

  /** Looks at everything that the application shows. */
  check(): void {
    if (this.#isClosed) return
    for (const reading of this.readings.values()) if (reading.isOpen) reading.check()
    const { maxMessages } = this.#options.shape.outbox
    const pending = this.client.outbox.get().length
    if (pending > maxMessages)
      this.#options.complain('silent', 'A7', `${this.name} has ${pending} writes in its outbox`)
  }

  /** The app's own API gives tokens; it fails now and then while the last one still holds. */
  #token(isExpiring: boolean): Promise<string> {
    const { shape, wall, chance } = this.#options
    const fails = isExpiring && chance.fraction() < 0.3
    return this.#soon(() => {
      if (fails) throw new Error('The API of the app is down.')
      return shape.tokenMs === undefined ? this.person : `${this.person}@${wall() + shape.tokenMs}`
    })
  }

  /** Every third answer says for itself where in the log it stands; the others are what they were asked for. */
  async #load(channel: string, asked: Position) {
    const { chance, fetchSheet, ledger } = this.#options
    const kind = chance.fraction()
    if (kind < 0.15) throw await this.#soon(() => new Error('The API of the app is down.'))
    if (kind < 0.5) {
      const { state, position } = await this.#soon(() => fetchSheet(channel))
      return { state: state as never, position }
    }
    const { count = 0, chain } = ledger.at(channel, asked) ?? {}
    const state = count === 0 ? channelOf(channel).definition.state?.initial : { count, chain, pending: [] }
    return this.#soon(() => ({ state: state as never }))
  }

  /** What takes a moment, as everything that goes over a network does. */
  #soon<T>(make: () => T | Promise<T>): Promise<T> {
    const { chance } = this.#options
    const moment = new Promise<void>((resolve) => this.machine.later(5 + 200 * chance.fraction(), resolve))
    return moment.then(make)
  }
}
