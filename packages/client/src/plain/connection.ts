// A connection to a plain server as the client's own socket: frames of the protocol on one side, messages of a dialect
// on the other. What such a server cannot give is not made up: a write is never confirmed, and after a drop every
// channel is reset, because nobody can tell what was missed.

import {
  type ChannelRef,
  type ClientFrame,
  type Clock,
  decodeMessage,
  type ErrorCode,
  MAX_CHANNELS_PER_CONNECTION,
  type ServerFrame,
  type Socket,
  type SocketHandlers,
  type SubscribeRequest,
} from '@tidings/core'
import { IMPOSSIBLE } from '../ports.ts'
import type { Dialect, PlainMessage } from './dialect.ts'
import { type LinkHandlers, PlainLink } from './link.ts'
import { PlainLog } from './log.ts'

export interface PlainAuth {
  /** The first message on every socket. */
  readonly request: (token: string) => PlainMessage
  /** Whether a message says that the token is good. Until then nothing else is sent. */
  readonly isAccepted: (message: PlainMessage) => boolean
  /** Whether a message refuses the token: a fresh one is asked for. */
  readonly isRefused: (message: PlainMessage) => boolean
}

export interface PlainHeartbeat {
  readonly everyMs: number
  /** Whether the server answers a `ping` with a `pong`. Without, a dead line is noticed late, and there is no latency. */
  readonly isAnswered: boolean
}

/** What a plain server is like, and how the contract's channels lie on it. */
export interface PlainServer {
  readonly dialect: Dialect
  readonly auth: PlainAuth | undefined
  readonly heartbeat: PlainHeartbeat | undefined
  /** Address of a channel's endpoint; without a channel, the one that is there anyway, if any. */
  readonly endpoint: (asked: {
    readonly url: string
    readonly channel: string | undefined
    readonly token: string | undefined
  }) => string | undefined
  /** Which of the channels on its endpoint a message belongs to. */
  readonly channelOf: (message: PlainMessage, channels: readonly string[]) => string | undefined
  readonly resolve: (channel: string) => ChannelRef | undefined
}

export interface PlainPorts {
  readonly clock: Clock
  /** A name that no other connection has. */
  readonly drawName: () => string
  readonly open: (address: string, handlers: SocketHandlers) => Socket
}

/** What a page has heard, by channel: it outlives a connection. */
export type PlainMemory = Map<string, PlainLog>

const PING = 'ping'
const PONG = 'pong'
/** There is one client behind the connection, and the server names nobody. */
const YOU = 'me'
/** No ping of the client's own: longer than any connection lives, in milliseconds. */
const NEVER_MS = 2 ** 31 - 1

export class PlainConnection implements Socket, LinkHandlers {
  readonly #url: string
  readonly #server: PlainServer
  readonly #ports: PlainPorts
  readonly #memory: PlainMemory
  readonly #handlers: SocketHandlers
  readonly #links = new Map<string, PlainLink>()
  /** Channels that the client hears. */
  readonly #joined = new Set<string>()
  readonly #name: string
  #token: string | undefined
  #isWelcome = false
  #isOver = false
  #sent = 0
  #cancelTimer: (() => void) | undefined

  constructor(
    url: string,
    handlers: SocketHandlers,
    { server, ports, memory }: { server: PlainServer; ports: PlainPorts; memory: PlainMemory },
  ) {
    this.#url = url
    this.#handlers = handlers
    this.#server = server
    this.#ports = ports
    this.#memory = memory
    this.#name = ports.drawName()
    // Where the endpoints are, the hello tells; so it is let in at once, and welcomed when one of them is open.
    ports.clock.endOfTurn(() => {
      if (!this.#isOver) handlers.opened()
    })
  }

  // ── The client's side ───────────────────────────────────────────────────────────────────────────────────────────────

  get bufferedBytes(): number {
    return [...this.#links.values()].reduce((sum, link) => sum + link.bufferedBytes, 0)
  }

  send(text: string): void {
    if (this.#isOver) return
    const message = decodeMessage(text)
    // The client behind it is this package's own: what it sends are frames.
    if (message.ok) for (const frame of message.values as readonly ClientFrame[]) this.#take(frame)
  }

  close(code: number, reason: string): void {
    this.#end(code, reason)
  }

  #take(frame: ClientFrame): void {
    switch (frame.type) {
      case 'hello': {
        this.#token = frame.token
        const { subscribe = [] } = frame
        for (const request of subscribe) this.#subscribe(request)
        if (this.#links.size === 0 && !this.#linkOf(undefined)) this.#welcome()
        return
      }
      case 'subscribe':
        return this.#subscribe(frame)
      case 'unsubscribe':
        this.#leave(frame.channel)
        return this.#tell({ type: 'unsubscribed', channel: frame.channel, id: frame.id })
      case 'publish': {
        const { id, channel, event, data } = frame
        return this.#say(channel, { type: event, data }, (code, message) =>
          this.#refuse(code, { id, channel, message }),
        )
      }
      case 'signal':
        return this.#say(frame.channel, { type: frame.name, data: frame.data }, () => {})
      case 'enter':
        return this.#refuse('bad-request', { ...idOf(frame), message: 'This server knows no presence.' })
      case 'call':
        return this.#refuse('bad-request', { ...idOf(frame), message: 'This server answers no calls.' })
      case 'ping':
        for (const link of this.#links.values()) this.#write(link, { type: PING, data: {} })
        return
      case 'auth':
      case 'leave':
      case 'lane':
      case 'laneClosed':
      case 'laneRead':
        return
    }
  }

  #subscribe({ id, channel, after, state }: SubscribeRequest): void {
    const log = this.#logOf(channel)
    if (!log)
      return this.#refuse('unknown-channel', {
        id,
        channel,
        message: `The contract has no channel "${channel}".`,
      })
    const link = this.#linkOf(channel)
    if (!link)
      return this.#refuse('unknown-channel', {
        id,
        channel,
        message: `There is no endpoint for "${channel}".`,
      })
    const join = () => {
      // What happened before, on an earlier connection or while nobody here listened, nobody can tell.
      if (!this.#joined.has(channel)) log.begin(this.#ports.drawName())
      this.#joined.add(channel)
      const { position } = log
      const answer = { type: 'subscribed', id, channel, position, behind: 0 } as const
      if (!PlainLog.isPlace(after)) this.#tell({ ...answer, verdict: 'fresh', ...withSnapshot(log, state) })
      else if (log.isCurrent(after)) this.#tell({ ...answer, verdict: 'resumed' })
      else this.#tell({ ...answer, verdict: 'reset', reason: 'epoch', ...withSnapshot(log, state) })
      this.#tell({ type: 'live', channel, position })
    }
    link.hear(channel, join, () => this.#refuse('unavailable', { id, channel, message: unreachable(link) }))
  }

  #leave(channel: string): void {
    this.#joined.delete(channel)
    for (const link of this.#links.values()) if (link.leave(channel)) this.#dropIdle(link)
  }

  /** A socket of a topic that is over. */
  #dropIdle(link: PlainLink): void {
    if (!link.isIdle || this.#links.get(link.address) !== link) return
    if (link.address === this.#addressOf(undefined)) return
    this.#links.delete(link.address)
    link.close()
  }

  /** Sends to the channel's endpoint as soon as that is ready, and then calls `done`. */
  #say(channel: string, message: PlainMessage, done: (code: ErrorCode, words: string) => void): void {
    const link = this.#linkOf(channel)
    if (!link) return done('unknown-channel', `There is no endpoint for "${channel}".`)
    const send = () => {
      this.#write(link, message)
      done('unconfirmed', 'It was sent; this server confirms nothing.')
      // What else is said in this turn goes the same way.
      this.#ports.clock.endOfTurn(() => this.#dropIdle(link))
    }
    link.say(send, () => done('unavailable', unreachable(link)))
  }

  #tell(...frames: readonly ServerFrame[]): void {
    for (const frame of frames) if (!this.#isOver) this.#handlers.received(JSON.stringify(frame))
  }

  #refuse(
    code: ErrorCode,
    about: { readonly message: string; readonly id?: number; readonly channel?: string },
  ): void {
    this.#tell({ type: 'error', code, ...about })
  }

  #welcome(): void {
    if (this.#isWelcome) return
    this.#isWelcome = true
    const { heartbeat } = this.#server
    const { clock } = this.#ports
    const heartbeatMs = heartbeat?.isAnswered ? heartbeat.everyMs : NEVER_MS
    this.#tell({ type: 'welcome', connection: this.#name, you: YOU, heartbeatMs, now: clock.now() })
    if (heartbeat && !heartbeat.isAnswered) this.#keepAlive(heartbeat.everyMs)
  }

  /** The server, or what stands before it, drops a line that says nothing; it answers nothing either. */
  #keepAlive(everyMs: number): void {
    this.#cancelTimer = this.#ports.clock.setTimer(everyMs, () => {
      for (const link of this.#links.values()) this.#write(link, { type: PING, data: {} })
      this.#keepAlive(everyMs)
    })
  }

  // ── The server's side ───────────────────────────────────────────────────────────────────────────────────────────────

  opened(link: PlainLink): void {
    const { auth } = this.#server
    if (auth && this.#token !== undefined) this.#write(link, auth.request(this.#token))
    else this.#admit(link)
  }

  received(link: PlainLink, text: string): void {
    const message = this.#read(text)
    if (!message) {
      const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
      return this.#refuse('bad-frame', { message: `${link.address} sent what is no message: ${shown}` })
    }
    const { auth } = this.#server
    if (auth?.isRefused(message)) return this.#end(4401, 'The server refused the token.')
    if (auth?.isAccepted(message)) return this.#admit(link)
    if (message.type === PING) return this.#write(link, { type: PONG, data: message.data })
    if (message.type === PONG) return this.#tell({ type: 'pong' })
    this.#happened(link, message)
  }

  closed(link: PlainLink, { code, reason, wasReady }: Parameters<LinkHandlers['closed']>[1]): void {
    this.#links.delete(link.address)
    const others = [...this.#links.values()].some(({ isReady }) => isReady)
    if (wasReady || !others) this.#end(code, reason)
    // One endpoint among several cannot be had: what waited for it is told, and the others go on.
  }

  #happened(link: PlainLink, message: PlainMessage): void {
    const channel = this.#server.channelOf(message, link.channels)
    if (channel === undefined) {
      return this.#refuse('unknown-event', {
        message: `${link.address} sent "${message.type.slice(0, 80)}", which no channel of the contract declares.`,
      })
    }
    const log = this.#joined.has(channel) ? this.#memory.get(channel) : undefined
    if (!log) return
    // A message without data is whole; a frame without is none, and would be missing.
    const { type, data = null, at = this.#ports.clock.now() } = message
    if (Object.hasOwn(log.ref.definition.signals, type))
      return this.#tell({ type: 'signal', channel, name: type, from: 'server', data: data as never })
    const { epoch, entry } = log.append({ type, data, at })
    this.#tell({ type: 'entries', channel, epoch, entries: [entry] })
  }

  #read(text: string): PlainMessage | undefined {
    try {
      return this.#server.dialect.read(JSON.parse(text))
    } catch {
      return undefined
    }
  }

  #write(link: PlainLink, message: PlainMessage): void {
    const at = this.#ports.clock.now()
    link.send(this.#server.dialect.write({ ...message, at, id: `${this.#name}-${++this.#sent}` }))
  }

  #admit(link: PlainLink): void {
    if (link.isReady) return
    this.#welcome()
    link.admit()
  }

  #addressOf(channel: string | undefined): string | undefined {
    return this.#server.endpoint({ url: this.#url, channel, token: this.#token })
  }

  /** The socket for a channel, opened when there is none. */
  #linkOf(channel: string | undefined): PlainLink | undefined {
    const address = this.#addressOf(channel)
    if (address === undefined) return undefined
    const known = this.#links.get(address)
    if (known) return known
    try {
      const link = new PlainLink(address, (handlers) => this.#ports.open(address, handlers), this)
      this.#links.set(address, link)
      return link
    } catch (error) {
      // The address is wrong, or the page may not use it: the same again would fail the same.
      this.#end(IMPOSSIBLE, error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  /** What the page has heard of the channel; undefined where the contract has none of that name. */
  #logOf(channel: string): PlainLog | undefined {
    const known = this.#memory.get(channel)
    if (known) return known
    const ref = this.#server.resolve(channel)
    if (!ref) return undefined
    const log = new PlainLog(ref)
    this.#memory.set(channel, log)
    // The oldest that nobody hears is forgotten.
    if (this.#memory.size > MAX_CHANNELS_PER_CONNECTION)
      for (const name of this.#memory.keys())
        if (!this.#joined.has(name) && name !== channel) {
          this.#memory.delete(name)
          break
        }
    return log
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelTimer?.()
    for (const link of this.#links.values()) link.close()
    this.#handlers.closed(code, reason)
  }
}

const unreachable = ({ address }: PlainLink) => `${address} cannot be reached.`

const idOf = ({ id, channel }: { readonly id: number; readonly channel: string }) => ({ id, channel })

function withSnapshot(log: PlainLog, state: number | undefined) {
  const snapshot = log.snapshot({ state })
  return snapshot && { snapshot }
}
