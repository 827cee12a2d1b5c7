// A small server at the far end of socket pairs: as much of SPEC.md as the hooks can show, and a script for the rest.
// Nothing arrives before `settle`; time stands still until `advance`.

import type { Dial } from '@tidings/client'
import {
  type ChannelRef,
  type ClientFrame,
  decodeMessage,
  formatPosition,
  joinFrames,
  parseClientFrame,
  parsePosition,
  type ServerFrame,
  type SocketHandlers,
  type WireEntry,
  type WireMember,
} from '@tidings/core'
import { type SocketPair, socketPair, VirtualClock } from '@tidings/core/testing'
import { contract, type Message } from './lobby.ts'

const EPOCH = 'e1'
const STEP_MS = 100

type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { readonly type: Type }>

interface Channel {
  readonly entries: WireEntry[]
  readonly members: Map<string, WireMember>
}

export class FakeServer {
  readonly clock = new VirtualClock()
  /** Every frame that any client has sent, in order. */
  readonly received: ClientFrame[] = []
  readonly connections: Connection[] = []
  /** While false, dialling fails. */
  isUp = true
  /** While true, publishes get no answer. */
  isSilent = false
  /** While set, publishes are refused with this. */
  refusal: { readonly code: string; readonly message: string } | undefined
  /** Channels that nobody may subscribe to. */
  readonly denied = new Set<string>()
  readonly #channels = new Map<string, Channel>()

  readonly dial: Dial = (_url, _protocols, handlers) => {
    const pair = socketPair()
    const connection = new Connection(this, pair)
    this.connections.push(connection)
    this.clock.endOfTurn(() => (this.isUp ? pair.link(handlers, connection) : handlers.closed(1006, '')))
    return pair.client
  }

  /** Frames of one type, in order of arrival. */
  frames<Type extends ClientFrame['type']>(type: Type): readonly Frame<Type>[] {
    return this.received.filter((frame): frame is Frame<Type> => frame.type === type)
  }

  /** Every subscription that was asked for, with the hello or after it. */
  get subscribes(): readonly string[] {
    return this.received.flatMap((frame) =>
      frame.type === 'subscribe'
        ? [frame.channel]
        : frame.type === 'hello'
          ? (frame.subscribe ?? []).map(({ channel }) => channel)
          : [],
    )
  }

  channel(name: string): Channel {
    const known = this.#channels.get(name)
    if (known) return known
    const made: Channel = { entries: [], members: new Map() }
    this.#channels.set(name, made)
    return made
  }

  /** Appends messages, and pushes them to whoever is subscribed: in one frame, or in as many WebSocket messages. */
  say(ref: ChannelRef, texts: readonly string[], as: 'one frame' | 'one message each' = 'one frame'): void {
    const entries = texts.map((text) => this.append(ref.name, { event: 'said', data: { text } }))
    for (const batch of as === 'one frame' ? [entries] : entries.map((entry) => [entry]))
      this.push(ref.name, batch)
  }

  append(channel: string, entry: Pick<WireEntry, 'event' | 'data' | 'by' | 'sequence'>): WireEntry {
    const { entries } = this.channel(channel)
    const offset = entries.length + 1
    const appended = { ...entry, offset, tag: `t${offset}`, at: this.clock.now() }
    entries.push(appended)
    return appended
  }

  push(channel: string, entries: readonly WireEntry[]): void {
    this.broadcast(channel, { type: 'entries', channel, epoch: EPOCH, entries })
  }

  broadcast(channel: string, frame: ServerFrame, from?: Connection): void {
    for (const connection of this.connections) {
      if (connection !== from && connection.subscriptions.has(channel)) connection.send([frame])
    }
  }

  headOf(channel: string): string {
    const last = this.channel(channel).entries.at(-1)
    return formatPosition({ epoch: EPOCH, offset: last?.offset ?? 0, tag: last?.tag ?? '' })
  }

  /** Breaks every connection without a handshake. */
  cut(): void {
    for (const { pair } of this.connections) pair.cut()
  }

  /** Everything happens that can happen without time passing. */
  async settle(): Promise<void> {
    do await this.clock.settle()
    while (this.deliver())
  }

  /** What is under way arrives, in this task; says whether anything was. */
  deliver(): boolean {
    return this.connections
      .flatMap(({ pair }) => [pair.flushTo('server'), pair.flushTo('client')])
      .includes(true)
  }

  /** Lets time pass in steps, so that what is sent in between arrives in between. */
  async advance(ms: number): Promise<void> {
    await this.settle()
    for (let left = ms; left > 0; left -= STEP_MS) {
      await this.clock.advance(Math.min(left, STEP_MS))
      await this.settle()
    }
  }
}

/** One client's connection, from the server's side. */
export class Connection implements SocketHandlers {
  readonly subscriptions = new Set<string>()
  readonly pair: SocketPair
  readonly #server: FakeServer
  #you = ''

  constructor(server: FakeServer, pair: SocketPair) {
    this.#server = server
    this.pair = pair
  }

  send(frames: readonly ServerFrame[]): void {
    this.pair.server.send(joinFrames(frames.map((frame) => JSON.stringify(frame))))
  }

  opened(): void {}

  drained(): void {}

  closed(): void {
    this.subscriptions.clear()
  }

  received(text: string): void {
    const message = decodeMessage(text)
    if (!message.ok) throw new Error(message.message)
    for (const value of message.values) {
      const parsed = parseClientFrame(value)
      if (!parsed.ok) throw new Error(parsed.message)
      this.#server.received.push(parsed.frame)
      const answer = this.#answer(parsed.frame)
      if (answer.length > 0) this.send(answer)
    }
  }

  #answer(frame: ClientFrame): readonly ServerFrame[] {
    const server = this.#server
    switch (frame.type) {
      case 'hello':
        this.#you = `you-${frame.producer}`
        return [
          {
            type: 'welcome',
            connection: `c${server.connections.length}`,
            you: this.#you,
            heartbeatMs: 25_000,
            now: server.clock.now(),
          },
          ...(frame.subscribe ?? []).flatMap((request) => this.#subscribe(request)),
        ]
      case 'subscribe':
        return this.#subscribe(frame)
      case 'unsubscribe':
        this.subscriptions.delete(frame.channel)
        return [{ type: 'unsubscribed', channel: frame.channel, id: frame.id }]
      case 'publish':
        return this.#publish(frame)
      case 'signal':
        server.broadcast(
          frame.channel,
          { type: 'signal', channel: frame.channel, name: frame.name, from: this.#you, data: frame.data },
          this,
        )
        return []
      case 'enter': {
        const { members } = server.channel(frame.channel)
        const change = members.has(this.#you) ? 'updated' : 'joined'
        members.set(this.#you, { id: this.#you, state: frame.state })
        server.broadcast(frame.channel, {
          type: 'presenceChange',
          channel: frame.channel,
          total: members.size,
          [change]: [members.get(this.#you)],
        })
        return [{ type: 'entered', id: frame.id, channel: frame.channel }]
      }
      case 'leave': {
        const { members } = server.channel(frame.channel)
        members.delete(this.#you)
        server.broadcast(frame.channel, {
          type: 'presenceChange',
          channel: frame.channel,
          total: members.size,
          left: [this.#you],
        })
        return []
      }
      case 'call':
        return [
          { type: 'reply', id: frame.id, data: { text: `Hello ${(frame.data as { name: string }).name}` } },
        ]
      case 'ping':
        return [{ type: 'pong' }]
      case 'auth':
        return []
      case 'lane':
      case 'laneClosed':
      case 'laneRead':
        throw new Error('These hooks have a connection of their own.')
    }
  }

  #subscribe({ id, channel, after, state }: Omit<Frame<'subscribe'>, 'type'>): readonly ServerFrame[] {
    if (this.#server.denied.has(channel))
      return [{ type: 'error', id, channel, code: 'forbidden', message: 'No.' }]
    this.subscriptions.add(channel)
    const { entries, members } = this.#server.channel(channel)
    const head = this.#server.headOf(channel)
    const from = after === undefined ? undefined : parsePosition(after)
    const missed = from ? entries.slice(from.offset) : []
    const fold = contract.resolve(channel)?.definition.state
    const messages = entries
      .filter(({ event }) => event === 'said')
      .map(
        ({ offset, data }): Message => ({
          id: `${EPOCH}:${offset}`,
          text: (data as Message).text,
          isPending: false,
        }),
      )
    const snapshot = { position: head, version: fold?.version ?? 0, state: messages }
    return [
      from
        ? {
            type: 'subscribed',
            id,
            channel,
            verdict: 'resumed',
            position: formatPosition(from),
            behind: missed.length,
          }
        : {
            type: 'subscribed',
            id,
            channel,
            verdict: 'fresh',
            position: head,
            behind: 0,
            snapshot: state === undefined ? undefined : snapshot,
          },
      ...(missed.length > 0
        ? [{ type: 'entries', channel, epoch: EPOCH, replay: true, entries: missed } as const]
        : []),
      { type: 'live', channel, position: head },
      { type: 'presence', channel, total: members.size, members: [...members.values()] },
    ]
  }

  #publish({ id, channel, event, data, sequence }: Frame<'publish'>): readonly ServerFrame[] {
    const server = this.#server
    if (server.isSilent) return []
    if (server.refusal) return [{ type: 'error', id, channel, ...server.refusal }]
    const known = server
      .channel(channel)
      .entries.find((entry) => entry.by === this.#you && entry.sequence === sequence)
    const entry = known ?? server.append(channel, { event, data, by: this.#you, sequence })
    if (!known) server.push(channel, [entry])
    return [
      {
        type: 'ack',
        id,
        position: formatPosition({ epoch: EPOCH, ...entry }),
        duplicate: known !== undefined,
      },
    ]
  }
}
