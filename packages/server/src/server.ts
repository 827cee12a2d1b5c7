// The server as an application has it: puts hub, HTTP, WebSockets, metrics and log together, and takes them apart.

import { hash } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type AnyDefinition,
  type Chance,
  type ChannelRef,
  type Clock,
  type Contract,
  type EventInput,
  type EventName,
  type Position,
  type PresenceInput,
  type StateOf,
  systemChance,
  systemClock,
} from '@tidings/core'
import { addressReader } from './address.ts'
import { type ApiKey, ApiKeys, apiKeyProblem } from './api-keys.ts'
import { type Authenticate, type Authorize, checkedAuthenticate } from './authority.ts'
import type { Broker } from './broker.ts'
import type { CallHandlers, UntypedHandlers } from './calls.ts'
import { splitTarget } from './http/head.ts'
import type { MetricsAccess } from './http/health.ts'
import { type NodeHttpOptions, toHttpRequest, turnOf, writeAnswer } from './http/node.ts'
import { Router, SOCKET_PATH } from './http/router.ts'
import { takePart } from './http/take-part.ts'
import { Hub } from './hub.ts'
import { type Limits, limitsWith } from './limits.ts'
import { createLogger, type Logger } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { narrate } from './narrate.ts'
import type { Happening, Observe } from './observe.ts'
import { originRule } from './origins.ts'
import type { PlainEndpoint } from './plain/endpoint.ts'
import { PlainSessions } from './plain/sessions.ts'
import { WebSockets } from './websocket.ts'

export interface ServerOptions<C extends Contract> {
  readonly contract: C
  /** Where the log is kept. It belongs to the server from now on: `close` closes it. */
  readonly broker: Broker
  /** Who somebody is: `jwtAuthenticator`, `anonymous` or a function of yours. */
  readonly authenticate: Authenticate
  /** What they may do. Default: everything, for whoever was let in. */
  readonly authorize?: Authorize | undefined
  readonly calls?: CallHandlers<C> | undefined
  /** The keys with which backends publish and read over HTTP. Default: none. */
  readonly apiKeys?: readonly ApiKey[] | undefined
  /** Origins of pages that may connect, such as `https://app.example.com`. The server's own is always allowed. */
  readonly origins?: readonly string[] | undefined
  /** Names that the server goes by, as in a Host header but without port. Default: any, so that it may stand anywhere. */
  readonly hosts?: readonly string[] | undefined
  /**
   * Whether pages of any port of `localhost`, `127.0.0.1` and `[::1]` may connect: those of development servers.
   * Default: false.
   */
  readonly allowsLoopbackOrigins?: boolean | undefined
  /** Addresses or ranges of proxies whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: readonly string[] | undefined
  /** WebSockets for clients that know nothing of Tidings: made by `plainEndpoint`. Default: none. */
  readonly plain?: readonly PlainEndpoint[] | undefined
  readonly limits?: Partial<Limits> | undefined
  /**
   * Whether to agree to `permessage-deflate` where a WebSocket offers it, as browsers do: events that many read are then
   * compressed once for all of them. Default: false. It takes two thirds off bursts of events; but browsers then compress
   * what they send as well, which costs the node some 70 µs for each of their messages, and 13 kB for each connection.
   */
  readonly compression?: boolean | undefined
  /**
   * Who may read `/metrics`: `local` (on this machine, not through a proxy), `public`, or `{ token }` for whoever sends
   * it as `Authorization: Bearer`, from anywhere. Default: `local`.
   */
  readonly metrics?: MetricsAccess | undefined
  /** Default: JSON lines on standard error, from `info` on. */
  readonly logger?: Logger | undefined
  /** Told everything that happens, beside metrics and log. */
  readonly observe?: Observe | undefined
  readonly clock?: Clock | undefined
  readonly chance?: Chance | undefined
}

export interface PublishOptions {
  /** A second publish under the same key is not appended; it gets the first one's position. Over HTTP the same key is another. */
  readonly idempotencyKey?: string | undefined
}

export interface Receipt {
  readonly position: Position
  readonly isDuplicate: boolean
}

export interface Members<State> {
  readonly total: number
  /** Empty above the limit `presenceMembers`. */
  readonly members: readonly {
    readonly id: string
    readonly user?: string | undefined
    readonly state: State
  }[]
}

export interface TidingsServer {
  /**
   * Answers upgrades at `/v1/socket` and requests at `/v1/…`, `/healthz`, `/readyz` and `/metrics`; every other goes to
   * the listeners that `server` had before. Undone by what it returns, and by `close`.
   */
  attach(server: Server): () => void
  /** For Express, Fastify and others: resolves false, and does nothing, where the request is not Tidings'. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** The same for upgrades. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Resolves when the log has it. Rejects with a TidingsError; then the log does not have it, but for `timeout`. */
  publish<D extends AnyDefinition, Name extends EventName<D>>(
    channel: ChannelRef<D>,
    event: Name,
    data: EventInput<D, Name>,
    options?: PublishOptions,
  ): Promise<Receipt>
  /** The newest entry's position: read it before you read your own data, to follow on without a race. */
  position(channel: ChannelRef): Promise<Position>
  /** What the channel's entries up to now add up to, by the contract's fold: for pages and APIs that read without subscribing. */
  state<D extends AnyDefinition>(channel: ChannelRef<D>): Promise<StateOf<D>>
  /** Who is here on this node, each with what it wrote about itself: checked by the contract's schema, not transformed. */
  presence<D extends AnyDefinition>(channel: ChannelRef<D>): Members<PresenceInput<D>>
  /** Ends the connections and streams of a user, or one connection; says how many there were. */
  revoke(which: { readonly user: string } | { readonly connection: string }): number
  /** Prometheus' text format. */
  metrics(): Promise<string>
  /** Logs and counts something that went wrong in the application around the server. */
  reportFault(where: string, error: unknown): void
  readonly connections: number
  /** Readiness off, clients told when to come back, everything under way finished, the log closed. Idempotent. */
  close(options?: { /** Default 10,000. */ readonly drainMs?: number | undefined }): Promise<void>
}

/**
 * @example
 * const tidings = createServer({ contract, broker: await sqliteBroker({ file: 'tidings.db' }), authenticate })
 * const server = createHttpServer()
 * tidings.attach(server)
 * server.listen(4000)
 */
export function createServer<C extends Contract>(options: ServerOptions<C>): TidingsServer {
  return new Node(options as unknown as ServerOptions<Contract>)
}

const DRAIN_MS = 10_000
/** How often a draining server looks whether everybody has left. */
const DRAIN_LOOK_MS = 20
/** What a closing handshake may take after the drain, in milliseconds. */
const FAREWELL_MS = 250

class Node implements TidingsServer {
  readonly #broker: Broker
  readonly #hub: Hub
  readonly #router: Router
  readonly #webSockets: WebSockets
  readonly #plain: PlainSessions
  readonly #metrics: Metrics
  readonly #http: NodeHttpOptions
  readonly #clock: Clock
  readonly #observe: Observe
  readonly #detachers = new Set<() => void>()
  #answering = 0
  #closing: Promise<void> | undefined

  constructor(options: ServerOptions<Contract>) {
    const { contract, broker, authorize = () => true, compression = false } = options
    const { clock = systemClock, chance = systemChance, logger = createLogger() } = options
    const limits = limitsWith(options.limits)
    const { origins: listed, hosts, allowsLoopbackOrigins: allowsLoopback } = options
    const origins = originRule({ listed, hosts, allowsLoopback })
    const addressOf = addressReader(options.trustedProxies)
    const apiKeys = new ApiKeys(options.apiKeys ?? [], digest)
    const narrator = narrate(logger, clock)
    const observe = (happening: Happening) => {
      this.#metrics.observe(happening)
      narrator(happening)
      try {
        options.observe?.(happening)
      } catch (error) {
        logger.error('the application’s observe threw', { error })
      }
    }
    // The dispatcher has no use for the handlers' types, which the contract has checked.
    const calls = (options.calls ?? {}) as unknown as UntypedHandlers
    this.#broker = broker
    this.#clock = clock
    this.#observe = observe
    this.#http = { clock, limits, addressOf }
    const authenticate = checkedAuthenticate(options.authenticate)
    const shared = { contract, authenticate, authorize, limits, clock, chance, digest, observe }
    const readersBeside = () => this.#router.streams.size + this.#plain.size
    this.#hub = new Hub({ ...shared, broker, calls, readersBeside })
    this.#plain = new PlainSessions({ ...shared, hub: this.#hub, endpoints: options.plain ?? [] })
    const { strangers } = this.#hub
    this.#router = new Router({
      ...{ ...shared, hub: this.#hub, apiKeys, origins, strangers },
      readiness: () => ({ isDraining: this.#hub.isDraining, brokerProblem: broker.problem() }),
      metrics: () => this.#metrics.text(),
      metricsAccess: checkedAccess(options.metrics),
    })
    this.#metrics = createMetrics({
      census: () => this.#hub.census(),
      streams: () => this.#router.streams.size + this.#plain.size,
      brokerProblem: () => broker.problem(),
    })
    this.#webSockets = new WebSockets({
      ...{ origins, addressOf, strangers, limits, clock, observe },
      accept: (socket, handshake, admits) => this.#hub.accept(socket, handshake, admits),
      drainDelayMs: () => (this.#hub.isDraining ? this.#hub.drainDelayMs() : undefined),
      compresses: compression,
    })
  }

  get connections(): number {
    return this.#hub.connections + this.#plain.size
  }

  attach(server: Server): () => void {
    const detach = takePart(server, {
      owns: (request) => this.#owns(request),
      answer: (request, response) => void this.#answer(request, response),
      upgrade: (request, socket, head) => this.upgrade(request, socket, head),
    })
    this.#detachers.add(detach)
    return detach
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (!this.#owns(request)) return false
    await this.#answer(request, response)
    return true
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const { path, query } = splitTarget(request.url ?? '/')
    const door = path === SOCKET_PATH ? undefined : this.#plain.doorAt(path, new URLSearchParams(query))
    if (path !== SOCKET_PATH && !door) return false
    this.#webSockets.upgrade(request, socket, head, door)
    return true
  }

  async publish<D extends AnyDefinition, Name extends EventName<D>>(
    channel: ChannelRef<D>,
    event: Name,
    data: EventInput<D, Name>,
    { idempotencyKey }: PublishOptions = {},
  ): Promise<Receipt> {
    // Not the keys of those who write over HTTP: there, what is compared is the body as it was sent.
    const key = idempotencyKey === undefined ? undefined : digest(JSON.stringify(['server', idempotencyKey]))
    const identity =
      key === undefined
        ? undefined
        : ({ kind: 'key', key, digest: digest(JSON.stringify([event, data])) } as const)
    const { position, isDuplicate } = await this.#hub.publish({
      channel: channel.name,
      events: [{ type: event, data }],
      identity,
    })
    return { position, isDuplicate }
  }

  position(channel: ChannelRef): Promise<Position> {
    return this.#hub.position(channel.name)
  }

  state<D extends AnyDefinition>(channel: ChannelRef<D>): Promise<StateOf<D>> {
    // The same fold made it.
    return this.#hub.state(channel.name) as Promise<StateOf<D>>
  }

  presence<D extends AnyDefinition>(channel: ChannelRef<D>): Members<PresenceInput<D>> {
    // What members say about themselves has passed the contract's schema when they entered.
    return this.#hub.presence(channel.name) as Members<PresenceInput<D>>
  }

  revoke(which: { readonly user: string } | { readonly connection: string }): number {
    const ofUser = (user: string) => this.#router.streams.revoke(user) + this.#plain.revoke(user)
    return this.#hub.revoke(which) + ('user' in which ? ofUser(which.user) : 0)
  }

  async metrics(): Promise<string> {
    return (await this.#metrics.text()).text
  }

  reportFault(where: string, error: unknown): void {
    this.#observe({ name: 'fault', where, error })
  }

  close({ drainMs = DRAIN_MS }: { readonly drainMs?: number | undefined } = {}): Promise<void> {
    this.#closing ??= this.#close(drainMs)
    return this.#closing
  }

  async #close(drainMs: number): Promise<void> {
    this.#hub.drain(drainMs)
    this.#router.streams.drain(drainMs)
    this.#plain.drain(drainMs)
    await this.#until(() => this.#isQuiet, drainMs)
    this.#hub.close()
    this.#plain.close()
    await this.#until(() => this.#hub.connections + this.#plain.size === 0, FAREWELL_MS)
    this.#webSockets.close()
    for (const detach of this.#detachers) detach()
    await this.#broker.close()
  }

  get #isQuiet(): boolean {
    const readers = this.#hub.connections + this.#router.streams.size + this.#plain.size
    return readers === 0 && this.#answering === 0
  }

  #owns(request: IncomingMessage): boolean {
    return this.#router.owns(splitTarget(request.url ?? '/').path)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#answering++
    try {
      if (!(await turnOf(request, response))) return
      const answer = await this.#router.answer(toHttpRequest(request, this.#http))
      writeAnswer(request, response, answer, this.#http)
    } catch (error) {
      // Only a response that somebody else has spoilt gets here.
      this.reportFault('answering over HTTP', error)
      response.destroy()
    } finally {
      this.#answering--
    }
  }

  async #until(isSo: () => boolean, mostMs: number): Promise<void> {
    const deadline = this.#clock.monotonic() + mostMs
    while (!isSo() && this.#clock.monotonic() < deadline) {
      await new Promise<void>((resolve) => void this.#clock.setTimer(DRAIN_LOOK_MS, resolve))
    }
  }
}

/** Throws where the token of the metrics is none, as an unset variable of the environment is. */
function checkedAccess(access: MetricsAccess = 'local'): MetricsAccess {
  const problem = typeof access === 'object' ? apiKeyProblem(access.token) : undefined
  if (problem) throw new TypeError(`The token for metrics ${problem}`)
  return access
}

/** SHA-256 in hex. */
function digest(text: string): string {
  return hash('sha256', text, 'hex')
}
