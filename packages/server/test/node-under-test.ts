// A node without a network: the shipped hub over a memory broker, spoken to in frames, on a clock that stands still.

import { createHash } from 'node:crypto'
import {
  type ClientFrame,
  type Contract,
  channel,
  defineContract,
  formatPosition,
  parseServerFrame,
  type ServerFrame,
} from '@tidings/core'
import { type SocketPair, seededChance, socketPair, VirtualClock } from '@tidings/core/testing'
import { memoryBroker } from '@tidings/server/memory'
import * as z from 'zod'
import type { Identity } from '../src/authority.ts'
import type { Broker, StoredEntry } from '../src/broker.ts'
import { Hub, type HubOptions, type ServerEnd } from '../src/hub.ts'
import { type Limits, limitsWith } from '../src/limits.ts'
import type { Happening } from '../src/observe.ts'

export const note = channel('note/:room', {
  events: { said: z.object({ text: z.string().min(1) }), cleared: z.object({}) },
  signals: { typing: z.object({ at: z.number() }) },
  presence: z.object({ name: z.string() }),
  calls: { shout: { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) } },
})

export const tally = channel('tally/:room', {
  events: { added: z.object({ n: z.number() }) },
  state: {
    version: 2,
    initial: { sum: 0 },
    on: {
      added: (state: { sum: number }, { n }) => {
        if (n === 13) throw new Error('unlucky')
        return { sum: state.sum + n }
      },
    },
  },
  retention: { entries: 10 },
})

/** Keeps ten entries. */
export const brief = channel('brief/:room', {
  events: { said: z.object({ text: z.string() }) },
  retention: { entries: 10 },
})

export const contract: Contract = defineContract({ note, tally, brief })

/** A token is a user's name; `name@1000` ends a thousand milliseconds from now; `bad` is refused. */
function authenticate(clock: VirtualClock, token: string | undefined): Identity | undefined {
  if (token === undefined) return {}
  if (token === 'bad') return undefined
  const [user, ms] = token.split('@')
  return { user, expiresAt: ms === undefined ? undefined : clock.now() + Number(ms) }
}

export class NodeUnderTest {
  readonly clock = new VirtualClock()
  readonly broker: Broker
  readonly hub: Hub
  readonly happenings: Happening[] = []
  #strangers = 0
  /** Channels that nobody may touch. */
  readonly forbidden = new Set<string>()

  constructor({
    limits = {},
    broker,
    ...more
  }: Partial<Omit<HubOptions, 'limits'>> & { limits?: Partial<Limits> } = {}) {
    this.broker = broker ?? memoryBroker({ clock: this.clock, chance: seededChance(7) })
    this.hub = new Hub({
      contract,
      broker: this.broker,
      authenticate: ({ token }) => authenticate(this.clock, token),
      authorize: ({ channel }) => !this.forbidden.has(channel),
      calls: { note: { shout: (input) => ({ text: (input as { text: string }).text.toUpperCase() }) } },
      limits: limitsWith(limits),
      clock: this.clock,
      chance: seededChance(11),
      digest: (text) => createHash('sha256').update(text).digest('hex'),
      observe: (happening) => this.happenings.push(happening),
      ...more,
    })
  }

  connect(admits?: () => boolean): Connection {
    return new Connection(this, admits)
  }

  /** A connection that has said hello. */
  async welcomed(hello: Partial<Extract<ClientFrame, { type: 'hello' }>> = {}): Promise<Connection> {
    const connection = this.connect()
    await connection.say({ type: 'hello', producer: `producer-${this.#strangers++}`, ...hello })
    return connection
  }

  /** Publishes as a backend does. */
  async publish(channel: string, ...events: readonly { type: string; data: unknown }[]): Promise<string> {
    const published = this.hub.publish({ channel, events })
    await this.clock.settle()
    return formatPosition((await published).position)
  }

  async log(channel: string): Promise<readonly StoredEntry[]> {
    const read = await this.broker.read(channel, 'start', { maxEntries: 10_000, maxLength: 1e9 })
    return read.outcome === 'page' ? read.entries : []
  }
}

export class Connection {
  readonly #node: NodeUnderTest
  readonly #pair: SocketPair
  readonly #end: ServerEnd
  /** Every frame that arrived, in order. */
  readonly heard: ServerFrame[] = []
  closed: { readonly code: number; readonly reason: string } | undefined
  isReading = true

  constructor(node: NodeUnderTest, admits?: () => boolean) {
    this.#node = node
    this.#pair = socketPair()
    const handshake = { cookies: {}, origin: undefined, address: '127.0.0.1' }
    const handlers = node.hub.accept(this.#pair.server, handshake, admits)
    this.#end = handlers
    this.#pair.link(
      {
        opened: () => {},
        drained: () => {},
        received: (text) => this.#receive(text),
        closed: (code, reason) => {
          this.closed = { code, reason }
        },
      },
      handlers,
    )
  }

  #receive(text: string): void {
    const message: unknown = JSON.parse(text)
    for (const value of Array.isArray(message) ? message : [message]) {
      const parsed = parseServerFrame(value)
      if (!parsed.ok) throw new Error(`The server sent what its own table refuses: ${parsed.message} ${text}`)
      this.heard.push(parsed.frame)
    }
  }

  /** Sends frames as one message and lets everything happen that follows from it. */
  async say(...frames: readonly ClientFrame[]): Promise<void> {
    await this.sayText(JSON.stringify(frames.length === 1 ? frames[0] : frames))
  }

  async sayText(text: string): Promise<void> {
    this.#pair.client.send(text)
    await this.settle()
  }

  /** Delivers whatever is under way, both directions, until nothing moves. */
  async settle(): Promise<void> {
    for (let round = 0; round < 1_000; round++) {
      await this.#node.clock.settle()
      const wasSent = this.#pair.flushTo('server')
      const wasHeard = this.isReading && this.#pair.flushTo('client')
      if (!wasSent && !wasHeard) return
    }
    throw new Error('The conversation does not come to rest.')
  }

  /** Lets at most `messages` messages reach this end, then what they cause. */
  async readSome(messages: number): Promise<void> {
    this.#pair.flushTo('client', messages)
    await this.#node.clock.settle()
  }

  /** UTF-16 units that the server has sent and this end has not read. */
  get unread(): number {
    return this.#pair.server.bufferedBytes
  }

  /** How many the server takes for strangers at this end. */
  get strangers(): number {
    return this.#end.strangers
  }

  cut(): void {
    this.#pair.cut()
  }

  of<Type extends ServerFrame['type']>(type: Type): Extract<ServerFrame, { type: Type }>[] {
    return this.heard.filter((frame) => frame.type === type) as Extract<ServerFrame, { type: Type }>[]
  }

  /** Offsets of the entries heard of a channel, in the order of their arrival. */
  offsets(channel: string): number[] {
    return this.of('entries')
      .filter((frame) => frame.channel === channel)
      .flatMap((frame) => frame.entries.map(({ offset }) => offset))
  }

  last<Type extends ServerFrame['type']>(type: Type): Extract<ServerFrame, { type: Type }> {
    const frame = this.of(type).at(-1)
    if (!frame) throw new Error(`No ${type} frame; heard ${JSON.stringify(this.heard)}`)
    return frame
  }
}
