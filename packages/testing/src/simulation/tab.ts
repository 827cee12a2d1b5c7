// One tab of a person's browser: the shipped client on a machine of its own, and the application that uses it.

import {
  type Client,
  createClient,
  type Dial,
  type DurableStorage,
  type LifecycleHint,
  type Publication,
} from '@tidings/client'
import { durable } from '@tidings/client/durable'
import { type OncePerPerson, oncePerPerson, type SharedDial, sharedDial } from '@tidings/client/tabs'
import {
  type Cancel,
  type Chance,
  formatPosition,
  type Position,
  type Socket,
  type SocketHandlers,
  TidingsError,
} from '@tidings/core'
import { naming } from '@tidings/core/testing'
import type { DiskPage } from '../outbox-disk.ts'
import type { Authors } from './authors.ts'
import type { Attention, Browser } from './browser.ts'
import { channelOf, type Mark, sheet } from './contract.ts'
import type { Ledger } from './ledger.ts'
import { Machine } from './machine.ts'
import type { Caller } from './network.ts'
import { decide } from './nobodys.ts'
import { type OwnWrite, Reading, type Told } from './reading.ts'
import type { Seams } from './seams.ts'
import type { Shape } from './shape.ts'
import type { SheetApi } from './sheet-api.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'
import type { Complain } from './violation.ts'

export interface TabOptions {
  readonly name: string
  readonly person: string
  readonly shape: Shape
  readonly browser: Browser
  readonly authors: Authors
  readonly orderOf: (n: number) => unknown
  readonly seams: Seams
  readonly timeline: Timeline
  readonly chance: Chance
  readonly ledger: Ledger
  readonly trace: Trace
  readonly complain: Complain
  readonly dial: (caller: Caller, handlers: SocketHandlers) => Socket
  readonly sheets: SheetApi
  /** True wall time, as the issuer of tokens has it. */
  readonly wall: () => number
  readonly replayEntries: number
}

/** Longer than a tab that has nothing to do stays among the others. Milliseconds. */
const LEFT_AFTER_MS = 2_000
/** Who has just tried again waits for what comes of it. Milliseconds. */
const PATIENCE_MS = 3_000

export class Tab implements Caller {
  readonly name: string
  readonly person: string
  readonly machine: Machine
  readonly browser: Browser
  readonly client: Client
  /** Its way to the browser's disk. */
  readonly page: DiskPage | undefined
  attention: Attention
  /** When a server knew for the first time whose it is. */
  welcomeAt = Number.POSITIVE_INFINITY
  /** It was silent for so long that another page may go on with its record, and it may not know yet. */
  hasLostRecord = false
  /** Called before each step of its storage. */
  onStorageStep: () => void = () => {}
  readonly readings = new Map<string, Reading>()
  readonly #options: TabOptions
  readonly #hints = new Set<(hint: LifecycleHint) => void>()
  readonly #present = new Map<string, Cancel>()
  readonly #lifecycle = {
    isOnline: () => !this.#isOffline,
    subscribe: (listener: (hint: LifecycleHint) => void): Cancel => {
      this.#hints.add(listener)
      return () => void this.#hints.delete(listener)
    },
  }
  readonly #storage: DurableStorage | undefined
  readonly #shared: SharedDial | undefined
  readonly #once: OncePerPerson | undefined
  /** The browser has said so. */
  #hasSlept = false
  #isOffline = false
  #isRefused = false
  #triedAgainAt = Number.NEGATIVE_INFINITY
  #isClosed = false
  /** The page is gone for good: nothing is said to it any more. */
  #isLeft = false

  constructor(options: TabOptions) {
    const { name, person, timeline, chance, shape, trace, browser, dial } = options
    this.#options = options
    this.name = name
    this.person = person
    this.browser = browser
    this.machine = new Machine(timeline)
    this.machine.jump(browser.skewMs)
    this.attention = browser.isShared && chance.fraction() < 0.5 ? 'hidden' : 'focused'
    const ownDial: Dial = (_, __, handlers) => dial(this, handlers)
    if (browser.isShared) {
      this.#shared = this.#share(ownDial)
      this.#once = this.#makeOnce()
    }
    this.page = browser.openDisk(this.machine, () => this.onStorageStep())
    const storage = this.page && (options.seams.storage?.(this.page, person) ?? this.page)
    this.#storage = storage && durable(storage)
    this.client = createClient({
      url: 'ws://simulation/v1/socket',
      token: ({ reason }) => this.#token(reason === 'expiring'),
      backoff: { firstMs: 300, factor: 2, maxMs: 4_000 },
      breaker: { failures: 8, pauseMs: 6_000 },
      connectTimeoutMs: 4_000,
      stableAfterMs: 30_000,
      outbox: {
        ...shape.outbox,
        storage: this.#storage,
        user: shape.disk?.isNamed ? person : undefined,
      },
      onError: ({ code, message }) => {
        trace.note(name, `reports ${code}: ${message}`)
        if (code === 'forbidden') this.#isRefused = true
      },
      clock: this.machine,
      chance: naming(chance.token(22), chance),
      dial: this.#shared ?? ownDial,
      lifecycle: this.#lifecycle,
    })
    const { refused } = this.client.outbox
    refused.subscribe(() => {
      for (const { data } of refused.get()) options.authors.returned((data as Mark).n)
    })
    this.client.connection.subscribe(() => {
      const { status, reason } = this.client.connection.get()
      if (status === 'connected') this.welcomeAt = Math.min(this.welcomeAt, timeline.now)
      trace.note(name, `${status}: ${reason}`)
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether the browser's connection is this tab's own. */
  get isHolder(): boolean {
    return this.#shared?.isHolder === true
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

  /** The client has given up, or was refused something, and the person is not about to see what comes of the last try. */
  get needsComfort(): boolean {
    const isPatient = this.#options.timeline.now - this.#triedAgainAt < PATIENCE_MS
    if (this.#isClosed || !this.machine.isRunning || isPatient) return false
    const isRefused = this.#isRefused
    this.#isRefused = false
    const { status } = this.client.connection.get()
    if (status === 'error' || isRefused) return true
    return [...this.readings.values()].some(
      ({ isOpen, channel }) => isOpen && channel.continuity.get().status === 'denied',
    )
  }

  tryAgain(): void {
    this.#triedAgainAt = this.#options.timeline.now
    this.client.reconnect()
  }

  /** Nothing has been asked of it yet; what earlier pages have left behind goes out once something is. */
  get needsUse(): boolean {
    return this.page !== undefined && this.machine.isRunning && this.client.connection.get().reason === 'idle'
  }

  /** Channels in which the application says that this tab is present. */
  get present(): Iterable<string> {
    return this.#present.keys()
  }

  /** Listeners of the platform that the client has not taken back. What is done once listens as long as there is a page. */
  get hintListeners(): number {
    return this.#hints.size - (this.#once ? 1 : 0)
  }

  reading(channel: string): Reading {
    let reading = this.readings.get(channel)
    if (!reading) {
      const handle = this.client.channel(channelOf(channel))
      if (channel.startsWith('sheet/'))
        handle.configure({ load: ({ position }) => this.#load(channel, position) })
      reading = new Reading({
        ...this.#options,
        who: this.name,
        channel: handle,
        mayShowTwice: () => this.browser.mayShowTwice,
        isUndecided: () => this.#isUndecided(channel),
        onEvent: (event) => this.#doOnce(channel, event),
      })
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
    const { trace, authors, timeline } = this.#options
    const write: OwnWrite = { n: mark.n, publication, at: timeline.now, wasStored: false }
    reading.wrote(write)
    const isUnnamed = this.#options.shape.disk?.isNamed === false && timeline.now < this.welcomeAt
    const author = { person: this.person, tab: this.name, browser: this.browser.name, isUnnamed }
    authors.wrote(mark.n, author)
    publication.status.subscribe(() => {
      write.wasStored ||= publication.isStored
      trace.note(this.name, `${channel} ${mark.n} ${publication.status.get().name}`)
    })
  }

  /** The person takes back what was not sent yet, be it from an earlier tab. */
  clearOutbox(): void {
    const { outbox } = this.client
    const numbers = () => outbox.get().map(({ data }) => (data as Mark).n)
    const before = numbers()
    outbox.clear()
    const after = new Set(numbers())
    for (const n of before) if (!after.has(n)) this.#options.authors.returned(n)
  }

  /** [OB4] The person says what becomes of writes that are nobody's. */
  decide(isClaimed: boolean): void {
    const { trace, authors, ledger, shape } = this.#options
    const { person, browser } = this
    const storage = this.#storage
    if (!storage) return
    const isLogged = (n: number) => shape.channels.some((channel) => ledger.copies(channel, n).length > 0)
    decide({ person, browser, storage }, isClaimed, { authors, isLogged }).then(
      (outcome) => trace.note(this.name, outcome),
      (error: TidingsError) => trace.note(this.name, `could not decide: ${error.code}`),
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
    if (this.#isLeft) return
    if (hint === 'offline') this.#isOffline = true
    if (hint === 'online') this.#isOffline = false
    if (hint === 'frozen') this.#hasSlept = true
    for (const listener of [...this.#hints]) listener(hint)
  }

  /** The person closes the tab in an orderly way. */
  close(): void {
    this.#isClosed = true
    for (const reading of this.readings.values()) reading.close()
    this.client.close()
    // The page is left a little later: until then it may be the one that has the connection for the others.
    this.machine.later(LEFT_AFTER_MS, () => {
      if (this.browser.isShared) this.hint('frozen')
      this.#isLeft = true
      this.browser.effects.went(this)
      this.page?.kill()
    })
  }

  /** The page is gone, in the middle of whatever it did. `losesPosts`: with what it has just said to other tabs. */
  kill(losesPosts: boolean): void {
    this.#isClosed = true
    this.machine.kill()
    this.page?.kill()
    this.browser.forget(this.machine, losesPosts)
    this.browser.effects.died(this)
  }

  loseRecord(): void {
    this.hasLostRecord = true
    this.page?.lose()
  }

  /** Looks at everything that the application shows. */
  check(): void {
    if (this.#isClosed) return
    for (const reading of this.readings.values()) if (reading.isOpen) reading.check()
    const { outbox, disk } = this.#options.shape
    const pending = this.client.outbox.get().length
    // With its own it shows what an earlier tab has left, and what it sends for yet another.
    if (pending > outbox.maxMessages * (disk ? 3 : 1))
      this.#options.complain('silent', 'A7', `${this.name} has ${pending} writes in its outbox`)
  }

  #share(dial: Dial): SharedDial {
    const { chance } = this.#options
    const browser = this.browser.portsOf(this.machine, () => this.attention)
    return sharedDial({ browser, dial, clock: this.machine, chance, lifecycle: this.#lifecycle })
  }

  #makeOnce(): OncePerPerson {
    const { seams, complain } = this.#options
    const browser = this.browser.portsOf(this.machine, () => this.attention)
    const once = oncePerPerson('toast', {
      ...{ name: this.person, dial: this.#shared, browser, clock: this.machine, lifecycle: this.#lifecycle },
      onError: ({ message }) => complain('silent', 'A3', `${this.name}: ${message}`),
    })
    return seams.once?.(once) ?? once
  }

  /** Where a record may be lost, what waits may have been sent by another tab: it is this one's once the disk has said so. */
  #isUndecided(channel: string): boolean {
    const mayBeLost = this.page?.isExclusive === false
    return this.client.outbox
      .get()
      .filter((write) => write.channel === channel)
      .map(({ status }) => status.get().name)
      .some((name) => name === 'sent' || (name === 'queued' && mayBeLost))
  }

  #doOnce(channel: string, event: Told): void {
    const { effects } = this.browser
    if (!this.#once) return
    const what = `${this.person} in ${channel} at ${formatPosition(event.position)}`
    const isHistory = event.origin === 'replay' || (event.isReplay && this.#hasSlept)
    if (!isHistory) effects.heard(what)
    this.#once(event, () => effects.done(what, { page: this, isHistory }))
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

  async #load(channel: string, asked: Position) {
    const { sheets, chance } = this.#options
    const { state, position } = await sheets.load(channel, asked, {
      chance,
      soon: (make) => this.#soon(make),
    })
    // What the channels' common type says of a state is nothing.
    return { state: state as never, position }
  }

  /** What takes a moment, as everything that goes over a network does. */
  #soon<T>(make: () => T | Promise<T>): Promise<T> {
    const { chance } = this.#options
    const moment = new Promise<void>((resolve) => this.machine.later(5 + 200 * chance.fraction(), resolve))
    return moment.then(make)
  }
}
