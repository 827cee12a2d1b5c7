// WebSocket connections by `ws`: upgrades are refused or accepted here; an accepted one becomes a core Socket by its adapter.
// Who the peer is, and what its messages mean, is the hub's affair.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Clock, LANE_BYTES, type Socket, SUBPROTOCOL, TidingsError } from '@tidings/core'
import { type Server, WebSocketServer } from 'ws'
import { addressGroup } from './address.ts'
import type { Credentials } from './authority.ts'
import { noCookies, parseCookies } from './cookies.ts'
import { gulpCrumbs } from './crumbs.ts'
import { keepableOffer } from './deflate-offers.ts'
import { DeflatedFrames } from './deflated-frames.ts'
import { headerOf, isEncrypted } from './http/head.ts'
import { problemAnswer } from './http/problem.ts'
import type { ServerEnd } from './hub.ts'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'
import { type OriginRule, type OriginVerdict, originRefusal } from './origins.ts'
import { Rates } from './rates.ts'
import type { Strangers } from './strangers.ts'
import { TextFrames } from './text-frames.ts'
import { Adapted, type Way, WebSocketAdapter } from './websocket-adapter.ts'

export interface WebSocketsOptions {
  /** `admits`: whether an address may bring one more who has not said hello. */
  readonly accept: (
    socket: Socket,
    handshake: Omit<Credentials, 'token'>,
    admits: (address: string) => boolean,
  ) => ServerEnd
  readonly strangers: Strangers
  readonly origins: OriginRule
  readonly addressOf: (request: IncomingMessage) => string
  readonly limits: Limits
  readonly clock: Clock
  readonly observe: Observe
  /** While this gives a number, upgrades are refused, to be tried again after that many milliseconds. */
  readonly drainDelayMs: () => number | undefined
  /** Whether compression is agreed to where a peer offers it. */
  readonly compresses: boolean
}

/** Another way in than the protocol's own: whoever comes in by it needs no subprotocol. */
export interface Door {
  /** Why nobody gets in, where that is certain before anybody is known. */
  readonly refusal: TidingsError | undefined
  readonly accept: WebSocketsOptions['accept']
}

/** Fragments of one message, and reads of the network that make one up: a message of 64 KB needs far fewer. */
const MAX_FRAGMENTS = 64
const MAX_CHUNKS = 1_024
/** Pongs that wait because the peer does not read: beyond them a flood of pings ends the connection. */
const MAX_WAITING_PONGS = 16
/** What inflates a peer's messages keeps so many bytes ready for each connection; `ws` would keep 16 KB. */
const INFLATE_CHUNK_BYTES = 1_024
/** How long a peer may take to answer a closing handshake, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000

export class WebSockets {
  readonly #options: WebSocketsOptions
  readonly #server: Server<typeof Adapted>
  readonly #admits: (address: string) => boolean
  readonly #failures: Rates
  readonly #plain = new TextFrames()
  readonly #deflated = new DeflatedFrames(this.#plain)

  constructor(options: WebSocketsOptions) {
    const { limits, clock, strangers, compresses } = options
    this.#options = options
    this.#admits = (address) => strangers.admits(addressGroup(address))
    this.#failures = new Rates({ clock, perSecond: limits.failuresPerSecond, burst: limits.failureBurst })
    this.#server = new WebSocketServer({
      noServer: true,
      WebSocket: Adapted,
      clientTracking: true,
      // [CN12] No message depends on another one, either way. What comes in inflated is bounded by `maxPayload`, too.
      perMessageDeflate: compresses && {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        zlibInflateOptions: { chunkSize: INFLATE_CHUNK_BYTES },
      },
      maxPayload: limits.messageBytes + LANE_BYTES,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_CHUNKS,
      maxPendingAutoPongs: MAX_WAITING_PONGS,
      closeTimeout: CLOSE_TIMEOUT_MS,
      // Who comes in by another door may offer one of their own, and expects it back.
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : ([...offered][0] ?? false)),
    } as ServerOptions)
  }

  /** Answers an upgrade request, one way or the other. Never throws. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, door?: Door): void {
    // What stays with the socket captures nothing of the request: it would live as long as the connection.
    socket.on('error', destroyIt)
    const address = this.#options.addressOf(request)
    const group = addressGroup(address)
    const origin = this.#options.origins({
      origin: headerOf(request, 'origin'),
      host: headerOf(request, 'host'),
      isSecure: isEncrypted(request),
    })
    const refusal = this.#refusalOf(request, { group, origin, door })
    if (refusal) return this.#refuse(socket, group, refusal)
    // `ws` would refuse the whole request for one offer that it does not understand.
    request.headers['sec-websocket-extensions'] = keepableOffer(headerOf(request, 'sec-websocket-extensions'))
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      gulpCrumbs(webSocket, socket, this.#options.clock)
      const cookies = origin === 'allowed' ? parseCookies(headerOf(request, 'cookie')) : noCookies
      const handshake = { cookies, origin: headerOf(request, 'origin'), address }
      const frames = webSocket.extensions !== '' ? this.#deflated : this.#plain
      this.#open({ webSocket, socket, frames }, group, (adapter) =>
        (door?.accept ?? this.#options.accept)(adapter, handshake, this.#admits),
      )
    })
  }

  /** Ends what is still open, without a handshake. */
  close(): void {
    for (const webSocket of this.#server.clients) webSocket.terminate()
    this.#server.close()
  }

  #refusalOf(
    request: IncomingMessage,
    { group, origin, door }: { group: string; origin: OriginVerdict; door: Door | undefined },
  ): TidingsError | undefined {
    const drainDelayMs = this.#options.drainDelayMs()
    if (drainDelayMs !== undefined)
      return new TidingsError('draining', 'The server is going away.', { retryAfterMs: drainDelayMs })
    if (origin === 'foreign') {
      return originRefusal({ origin: headerOf(request, 'origin'), host: headerOf(request, 'host') })
    }
    if (headerOf(request, 'sec-websocket-version') !== '13' || !(door || offersSubprotocol(request))) {
      return new TidingsError(
        'unsupported-version',
        `This server speaks version 13 of WebSocket with the subprotocol ${SUBPROTOCOL}.`,
      )
    }
    if (door?.refusal) return door.refusal
    if (!this.#options.strangers.admits(group)) {
      const message = 'Too many connections of this address have not said hello yet.'
      return new TidingsError('too-many-connections', message, { retryAfterMs: 1_000 })
    }
    return undefined
  }

  #refuse(socket: Duplex, group: string, error: TidingsError): void {
    // Beyond its share of refusals an address is not even answered.
    if (this.#failures.take(group) > 0) return void socket.destroy()
    this.#options.observe({
      name: 'refused',
      what: 'upgrade',
      code: error.code,
      channel: undefined,
      user: undefined,
      detail: error.message,
    })
    const { status, headers, body } = problemAnswer(error, error.code === 'unsupported-version' ? SPOKEN : {})
    const lines = Object.entries({
      ...headers,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    })
    const head = [`HTTP/1.1 ${status} Refused`, ...lines.map(([name, value]) => `${name}: ${value}`)].join(
      '\r\n',
    )
    socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy())
  }

  #open(way: Way, group: string, accept: (socket: Socket) => ServerEnd): void {
    const adapter = new WebSocketAdapter(way)
    const end = accept(adapter)
    this.#options.strangers.add(group, end)
    adapter.listen(end)
  }
}

function destroyIt(this: Duplex): void {
  this.destroy()
}

/** `ws` 8.23 has options that its published types do not know yet. */
type ServerOptions = ConstructorParameters<typeof Server<typeof Adapted>>[0]

const SPOKEN = { 'sec-websocket-version': '13', 'sec-websocket-protocol': SUBPROTOCOL, upgrade: 'websocket' }

function offersSubprotocol(request: IncomingMessage): boolean {
  const offered = headerOf(request, 'sec-websocket-protocol')
  return offered?.split(',').some((name) => name.trim() === SUBPROTOCOL) ?? false
}
