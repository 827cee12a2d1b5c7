// Tabs of one browser, each with a client of its own, and a server whose sockets carry their lanes.

import { type Channel, type Client, type ClientOptions, createClient, type Dial } from '@tidings/client'
import { type SharedDial, type SharedDialOptions, sharedDial } from '@tidings/client/tabs'
import type { Socket, SocketHandlers, TidingsError } from '@tidings/core'
import {
  FakeBrowser,
  type FakeTab,
  naming,
  type SocketPair,
  seededChance,
  socketPair,
  VirtualClock,
} from '@tidings/core/testing'
import { TinyServer } from './tiny-server.ts'
import { hall, type plain } from './world.ts'

/** A real socket, as the server sees it. */
interface Carrier {
  readonly pair: SocketPair
  /** Sockets to the tiny server, one for each lane. */
  readonly lanes: Map<number, Socket>
  pings: number
  isOpen: boolean
}

/** In front of the tiny server: takes lanes off a socket and makes each a connection of its own there. */
export class LaneServer {
  readonly tiny: TinyServer
  readonly carriers: Carrier[] = []
  mode: 'open' | 'refuse' | 'wait' | 'deaf' = 'open'
  mostLanes = 32
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.#clock = clock
    this.tiny = new TinyServer(clock)
  }

  get open(): readonly Carrier[] {
    return this.carriers.filter(({ isOpen }) => isOpen)
  }

  get lanes(): number {
    return this.open.reduce((sum, { lanes }) => sum + lanes.size, 0)
  }

  readonly dial: Dial = (url, protocols, handlers) => {
    const carrier: Carrier = { pair: socketPair(), lanes: new Map(), pings: 0, isOpen: false }
    this.carriers.push(carrier)
    this.#clock.endOfTurn(() => {
      if (this.mode === 'refuse') handlers.closed(1006, '')
      if (this.mode === 'open') this.#link(carrier, handlers, (own) => this.tiny.dial(url, protocols, own))
    })
    return carrier.pair.client
  }

  /** Lets everything through in both directions, and all that it causes. */
  async settle(): Promise<void> {
    for (let rounds = 0; rounds < 1_000; rounds++) {
      await this.tiny.settle()
      let hasMoved = false
      for (const { pair } of this.carriers) {
        // Closing moves something, too, though nothing waits.
        while (pair.flushTo('server') || pair.flushTo('client')) hasMoved = true
      }
      if (!hasMoved) return
    }
    throw new Error('The connections do not come to rest.')
  }

  async advance(ms: number, stepMs = 100): Promise<void> {
    await this.settle()
    for (let passed = 0; passed < ms; passed += stepMs) {
      await this.#clock.advance(Math.min(stepMs, ms - passed))
      await this.settle()
    }
  }

  #link(carrier: Carrier, handlers: SocketHandlers, dial: (own: SocketHandlers) => Socket): void {
    const { pair, lanes } = carrier
    let highest = 0
    let isDeaf = false
    carrier.isOpen = true
    const open = (lane: number): Socket => {
      const waiting: string[] = []
      let isOpen = false
      const inner = dial({
        opened() {
          isOpen = true
          for (const text of waiting.splice(0)) inner.send(text)
        },
        received: (text) =>
          pair.server.send(JSON.stringify({ type: 'lane', lane, frames: [JSON.parse(text)].flat() })),
        drained() {},
        closed(code, message) {
          if (!lanes.delete(lane)) return
          pair.server.send(JSON.stringify({ type: 'laneClosed', lane, code, message: message || undefined }))
        },
      })
      return {
        send: (text) => (isOpen ? inner.send(text) : void waiting.push(text)),
        close: (code, reason) => inner.close(code, reason),
        bufferedBytes: 0,
      }
    }
    pair.link(handlers, {
      opened() {},
      drained() {},
      received: (text) => {
        // What was once said into the void is not followed by something that is heard.
        isDeaf ||= this.mode === 'deaf'
        if (isDeaf) return
        for (const frame of [JSON.parse(text)].flat()) {
          if (frame.type === 'ping') {
            carrier.pings++
            pair.server.send('{"type":"pong"}')
          }
          if (frame.type === 'lane' && frame.lane > highest) {
            highest = frame.lane
            if (lanes.size >= this.mostLanes) {
              pair.server.send(JSON.stringify({ type: 'laneClosed', lane: frame.lane, code: 4430 }))
              continue
            }
            lanes.set(frame.lane, open(frame.lane))
          }
          if (frame.type === 'lane') lanes.get(frame.lane)?.send(JSON.stringify(frame.frames))
          if (frame.type === 'laneClosed') {
            const inner = lanes.get(frame.lane)
            lanes.delete(frame.lane)
            inner?.close(1000, '')
          }
        }
      },
      closed() {
        carrier.isOpen = false
        for (const inner of [...lanes.values()]) inner.close(1001, '')
        lanes.clear()
      },
    })
  }
}

export interface Heard {
  readonly text: string
  readonly offset: number
  readonly origin: string
}

/** One tab, its client, and what it heard in the hall. */
export class TabUnderTest {
  readonly fake: FakeTab
  readonly client: Client
  readonly dial: SharedDial
  readonly errors: TidingsError[] = []
  readonly heard: Heard[] = []
  /** What the connection went through, one after the other. */
  readonly history: string[] = []
  readonly channel: Channel<typeof plain.definition>

  constructor(
    fake: FakeTab,
    number: number,
    dial: Dial,
    shared: SharedDialOptions = {},
    options: ClientOptions = {},
  ) {
    this.fake = fake
    const { clock, lifecycle } = fake
    const chance = seededChance(number)
    this.dial = sharedDial({
      browser: fake.browser,
      dial: fake.dial(dial),
      clock,
      chance,
      lifecycle,
      ...shared,
    })
    this.client = createClient({
      url: 'ws://server.test/v1/socket',
      ...{ clock, chance: naming(`p${number}`, chance), lifecycle, dial: this.dial },
      onError: (error) => void this.errors.push(error),
      ...options,
    })
    this.channel = this.client.channel(hall)
    this.client.connection.subscribe(() => {
      const { status, reason, attempt } = this.client.connection.get()
      this.history.push(`${status}: ${reason}${attempt > 0 ? ` ${attempt}` : ''}`)
    })
  }

  get isOnline(): boolean {
    return this.client.connection.get().status === 'connected'
  }

  get isHolder(): boolean {
    return this.dial.isHolder && !this.fake.isGone
  }

  get offsets(): number[] {
    return this.heard.map(({ offset }) => offset)
  }

  listen(): void {
    this.channel.on('said', ({ text }, { offset, origin }) => this.heard.push({ text, offset, origin }))
  }
}

export class TabWorld {
  readonly clock = new VirtualClock()
  readonly browser = new FakeBrowser(this.clock)
  readonly server = new LaneServer(this.clock)
  readonly tabs: TabUnderTest[] = []
  #said = 0

  /** Opens a tab that listens in the hall. */
  open(shared: SharedDialOptions = {}, options: ClientOptions = {}): TabUnderTest {
    const tab = new TabUnderTest(this.browser.open(), this.tabs.length + 1, this.server.dial, shared, options)
    this.tabs.push(tab)
    tab.listen()
    return tab
  }

  get alive(): readonly TabUnderTest[] {
    return this.tabs.filter(({ fake }) => !fake.isGone)
  }

  get holders(): readonly TabUnderTest[] {
    return this.alive.filter(({ isHolder }) => isHolder)
  }

  get holder(): TabUnderTest {
    const [holder] = this.holders
    if (!holder) throw new Error('No tab has the connection.')
    return holder
  }

  /** Those who are served by the holder. */
  get guests(): readonly TabUnderTest[] {
    return this.alive.filter(({ isHolder }) => !isHolder)
  }

  /** A backend says something in the hall. */
  say(): void {
    this.server.tiny.append(hall.name, 'said', { text: `${++this.#said}` })
  }

  settle(): Promise<void> {
    return this.server.settle()
  }

  advance(ms: number, stepMs?: number): Promise<void> {
    return this.server.advance(ms, stepMs)
  }
}

/** 1, 2, 3 … */
export const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
