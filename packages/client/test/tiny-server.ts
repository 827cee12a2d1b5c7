// A server in a few lines that speaks the frames of SPEC.md over socket pairs: enough of a log to answer as the real one
// would, and doors for a test to interfere. Nothing arrives before the test lets it.

import type { Dial, Lifecycle, LifecycleHint } from '@tidings/client'
import {
  type ClientFrame,
  decodeMessage,
  formatPosition,
  joinFrames,
  parseClientFrame,
  parsePosition,
  type ServerFrame,
  type SocketHandlers,
  type WireEntry,
} from '@tidings/core'
import { type SocketPair, socketPair, type VirtualClock } from '@tidings/core/testing'

type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { readonly type: Type }>
type Subscribe = Omit<Frame<'subscribe'>, 'type'>

/** One channel's history, and what each producer has written to it. */
export class Log {
  epoch: string
  entries: WireEntry[] = []
  /** Entries up to this offset are gone. */
  trimmed = 0
  /** What a snapshot of the state is; undefined where the channel has none. */
  fold: ((entries: readonly WireEntry[]) => unknown) | undefined
  readonly producers = new Map<string, Map<number, WireEntry>>()
  /** The newest epoch of each producer [PB5]. */
  readonly epochs = new Map<string, number>()

  constructor(epoch = 'e1') {
    this.epoch = epoch
  }

  get head(): string {
    return this.positionAt(this.entries.length)
  }

  positionAt(offset: number): string {
    return formatPosition({ epoch: this.epoch, offset, tag: this.entries[offset - 1]?.tag ?? '' })
  }

  append(
    event: string,
    data: unknown,
    own: { readonly by?: string; readonly sequence?: number } = {},
  ): WireEntry {
    const offset = this.entries.length + 1
    const entry: WireEntry = {
      offset,
      tag: `t${this.epoch}${offset}`,
      event,
      data,
      at: 1_000 + offset,
      ...own,
    }
    this.entries.push(entry)
    return entry
  }

  /** Forgets everything: the log comes back under another epoch [BR9]. */
  lose(epoch: string): void {
    this.epoch = epoch
    this.entries = []
    this.trimmed = 0
    this.producers.clear()
    this.epochs.clear()
  }
}

export class Connection {
  readonly pair: SocketPair = socketPair()
  readonly url: string
  readonly protocols: readonly string[]
  readonly handlers: SocketHandlers
  /** Every frame that came, in order. */
  readonly received: ClientFrame[] = []
  /** How many messages they came in. */
  messages = 0
  hello: Frame<'hello'> | undefined
  isOpen = false
  closedWith: number | undefined
  readonly subscriptions = new Map<string, Subscribe>()
  readonly #server: TinyServer
  readonly #outgoing: string[] = []
  #isReceiving = false

  constructor(server: TinyServer, url: string, protocols: readonly string[], handlers: SocketHandlers) {
    this.#server = server
    this.url = url
    this.protocols = protocols
    this.handlers = handlers
  }

  /** What the client calls the producer's public name. */
  get you(): string {
    const { identity, user } = this.#server
    return `you-${this.hello?.producer}${identity}${user === undefined ? '' : `-${user}`}`
  }

  open(): void {
    this.isOpen = true
    this.pair.link(this.handlers, {
      opened: () => {},
      received: (text) => this.#receive(text),
      drained: () => {},
      closed: (code) => {
        this.isOpen = false
        this.closedWith = code
      },
    })
  }

  /** The dial fails, as it does when nothing listens. */
  refuse(): void {
    this.closedWith = 1006
    this.handlers.closed(1006, '')
  }

  /** One message, or a part of the one that answers what is being received. */
  send(...frames: ServerFrame[]): void {
    this.#outgoing.push(...frames.map((frame) => JSON.stringify(frame)))
    if (!this.#isReceiving || !this.#server.isTerse) this.#flush()
  }

  sendText(text: string): void {
    this.pair.server.send(text)
  }

  close(code: number, reason = ''): void {
    this.#flush()
    this.pair.server.close(code, reason)
    this.pair.flush()
  }

  framesOf<Type extends ClientFrame['type']>(type: Type): Frame<Type>[] {
    return this.received.filter((frame): frame is Frame<Type> => frame.type === type)
  }

  #receive(text: string): void {
    const decoded = decodeMessage(text)
    if (!decoded.ok) throw new Error(decoded.message)
    this.messages++
    this.#isReceiving = true
    for (const value of decoded.values) {
      const parsed = parseClientFrame(value)
      if (!parsed.ok) throw new Error(`${parsed.message} ${JSON.stringify(value)}`)
      this.received.push(parsed.frame)
      if (parsed.frame.type === 'hello') this.hello = parsed.frame
      if (!this.#server.intercept(parsed.frame, this)) this.#server.answer(parsed.frame, this)
    }
    this.#isReceiving = false
    this.#flush()
  }

  #flush(): void {
    if (this.#outgoing.length > 0) this.sendText(joinFrames(this.#outgoing.splice(0)))
  }
}

export class TinyServer {
  readonly connections: Connection[] = []
  readonly logs = new Map<string, Log>()
  /** Whether a dial finds somebody who listens: 'wait' leaves it to the test. */
  mode: 'open' | 'refuse' | 'wait' = 'open'
  /** Part of everybody's public name: another person, another name [AU7]. */
  identity = ''
  /** Whom everybody is taken for: part of their public names as well. */
  user: string | undefined
  heartbeatMs = 25_000
  /** Whether all that one message causes is answered by one message, or frame by frame. */
  isTerse = true
  /** Takes a frame away from the server when it returns true. */
  intercept: (frame: ClientFrame, connection: Connection) => boolean = () => false
  onCall: (name: string, data: unknown) => unknown = (_, data) => data
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  readonly dial: Dial = (url, protocols, handlers) => {
    const connection = new Connection(this, url, protocols, handlers)
    this.connections.push(connection)
    // As the platform does: nothing happens before the dialler has its socket.
    this.#clock.endOfTurn(() => {
      if (this.mode === 'open') connection.open()
      if (this.mode === 'refuse') connection.refuse()
    })
    return connection.pair.client
  }

  get last(): Connection {
    const last = this.connections.at(-1)
    if (!last) throw new Error('Nobody has dialled.')
    return last
  }

  log(channel: string): Log {
    let log = this.logs.get(channel)
    if (!log) this.logs.set(channel, (log = new Log()))
    return log
  }

  /** Lets everything through in both directions, and all that it causes. */
  async settle(): Promise<void> {
    for (let rounds = 0; rounds < 1_000; rounds++) {
      await this.#clock.settle()
      const waiting = this.connections.filter(
        ({ pair }) => pair.waitingFor('client').length + pair.waitingFor('server').length > 0,
      )
      for (const { pair } of this.connections) pair.flush()
      if (waiting.length === 0) return this.#clock.settle()
    }
    throw new Error('The connection does not come to rest.')
  }

  /** Lets time pass in steps, so that what is sent meanwhile also arrives. */
  async advance(ms: number, stepMs = 100): Promise<void> {
    await this.settle()
    for (let passed = 0; passed < ms; passed += stepMs) {
      await this.#clock.advance(Math.min(stepMs, ms - passed))
      await this.settle()
    }
  }

  /** Somebody else, a backend say, writes to the channel: it goes to whoever is subscribed. */
  append(channel: string, event: string, data: unknown): WireEntry {
    const entry = this.log(channel).append(event, data)
    this.push(channel, [entry])
    return entry
  }

  push(channel: string, entries: readonly WireEntry[]): void {
    const { epoch } = this.log(channel)
    for (const connection of this.connections) {
      if (connection.isOpen && connection.subscriptions.has(channel))
        connection.send({ type: 'entries', channel, epoch, entries })
    }
  }

  answer(frame: ClientFrame, connection: Connection): void {
    switch (frame.type) {
      case 'hello':
        connection.send({
          type: 'welcome',
          connection: `c${this.connections.length}`,
          you: connection.you,
          user: this.user,
          heartbeatMs: this.heartbeatMs,
          now: this.#clock.now(),
        })
        for (const request of frame.subscribe ?? []) this.#subscribe(request, connection)
        return
      case 'subscribe':
        return this.#subscribe(frame, connection)
      case 'unsubscribe':
        connection.subscriptions.delete(frame.channel)
        return connection.send({ type: 'unsubscribed', id: frame.id, channel: frame.channel })
      case 'publish':
        return this.#publish(frame, connection)
      case 'enter':
        return connection.send({ type: 'entered', id: frame.id, channel: frame.channel })
      case 'call':
        return connection.send({ type: 'reply', id: frame.id, data: this.onCall(frame.name, frame.data) })
      case 'ping':
        return connection.send({ type: 'pong' })
    }
  }

  #subscribe({ id, channel, after, state }: Subscribe, connection: Connection): void {
    const log = this.log(channel)
    const { head } = log
    connection.subscriptions.set(channel, { id, channel })
    const asked = after === 'start' ? { epoch: log.epoch, offset: 0, tag: '' } : parsePosition(after ?? '')
    const reason =
      asked &&
      (asked.epoch !== log.epoch
        ? 'epoch'
        : asked.offset > log.entries.length
          ? 'ahead'
          : log.positionAt(asked.offset) !== formatPosition(asked)
            ? 'fork'
            : asked.offset < log.trimmed
              ? 'trimmed'
              : undefined)
    const snapshot =
      state === undefined || !log.fold
        ? undefined
        : { position: head, version: state, state: log.fold(log.entries) }
    if (!asked || reason) {
      connection.send({
        type: 'subscribed',
        id,
        channel,
        verdict: reason ? 'reset' : 'fresh',
        reason,
        position: head,
        behind: 0,
        snapshot,
      })
    } else {
      const missed = log.entries.slice(asked.offset)
      const verdict = after === 'start' ? 'fresh' : 'resumed'
      connection.send({
        type: 'subscribed',
        id,
        channel,
        verdict,
        position: formatPosition(asked),
        behind: missed.length,
      })
      if (missed.length > 0)
        connection.send({ type: 'entries', channel, epoch: log.epoch, replay: true, entries: missed })
    }
    connection.send({ type: 'live', channel, position: head })
  }

  #publish(
    { id, channel, event, data, sequence, previous = sequence - 1, producerEpoch = 0 }: Frame<'publish'>,
    connection: Connection,
  ): void {
    const log = this.log(channel)
    const by = connection.you
    let written = log.producers.get(by)
    if (!written) log.producers.set(by, (written = new Map()))
    const last = Math.max(0, ...written.keys())
    const known = written.get(sequence)
    const refuse = (code: string, more: { readonly sequence?: number } = {}) =>
      connection.send({ type: 'error', id, channel, code, message: `It is ${code}.`, ...more })
    const epoch = log.epochs.get(by) ?? 0
    if (producerEpoch < epoch) return refuse('fenced')
    if (known || previous <= last) log.epochs.set(by, producerEpoch)
    if (known)
      return connection.send({ type: 'ack', id, position: log.positionAt(known.offset), duplicate: true })
    if (sequence < last) return refuse('sequence-skipped')
    if (previous > last) return refuse('sequence-gap', { sequence: last })
    const entry = log.append(event, data, { by, sequence })
    written.set(sequence, entry)
    connection.send({ type: 'ack', id, position: log.positionAt(entry.offset) })
    this.push(channel, [entry])
  }
}

/** The platform's hints, given by hand. */
export class HandLifecycle implements Lifecycle {
  online = true
  readonly listeners = new Set<(hint: LifecycleHint) => void>()

  isOnline(): boolean {
    return this.online
  }

  subscribe(listener: (hint: LifecycleHint) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  hint(hint: LifecycleHint): void {
    if (hint === 'online') this.online = true
    if (hint === 'offline') this.online = false
    for (const listener of this.listeners) listener(hint)
  }
}
