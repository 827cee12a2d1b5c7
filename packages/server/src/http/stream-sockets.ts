// Connections over HTTP, for networks that let no WebSocket pass [ST1–ST4]: opened here, and found by their key when a
// request brings what the peer says. What it means is the session's affair, as over a WebSocket.

import { type Chance, type Clock, LANE_BYTES, type Socket, TidingsError } from '@tidings/core'
import type { Credentials } from '../authority.ts'
import { noCookies, parseCookies } from '../cookies.ts'
import type { Hub, ServerEnd } from '../hub.ts'
import type { Limits } from '../limits.ts'
import type { OriginVerdict } from '../origins.ts'
import type { Strangers } from '../strangers.ts'
import type { Answer, HttpRequest, StreamAnswer } from './exchange.ts'
import { StreamSocket } from './stream-socket.ts'

export interface StreamSocketsOptions {
  readonly hub: Pick<Hub, 'isDraining' | 'drainDelayMs'> & {
    accept(socket: Socket, handshake: Omit<Credentials, 'token'>, admits: () => boolean): ServerEnd
  }
  readonly strangers: Strangers
  readonly limits: Limits
  readonly clock: Clock
  readonly chance: Chance
}

/** Guessing one of 62^22 names is not worth a limit of its own. */
const KEY_LENGTH = 22

export class StreamSockets {
  readonly #options: StreamSocketsOptions
  readonly #sockets = new Map<string, StreamSocket>()

  constructor(options: StreamSocketsOptions) {
    this.#options = options
  }

  /** [ST1] */
  async open(request: HttpRequest, origin: OriginVerdict): Promise<StreamAnswer> {
    const { hub, strangers, clock, chance } = this.#options
    const { addressGroup: group } = request
    if (hub.isDraining)
      throw new TidingsError('draining', 'The server is going away.', { retryAfterMs: hub.drainDelayMs() })
    if (!strangers.admits(group)) {
      const message = 'Too many connections of this address have not said hello yet.'
      throw new TidingsError('too-many-connections', message, { retryAfterMs: 1_000 })
    }
    const handshake = {
      cookies: origin === 'allowed' ? parseCookies(request.header('cookie')) : noCookies,
      origin: request.header('origin'),
      address: request.address,
    }
    return {
      status: 200,
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      },
      open: (sink) => {
        const key = chance.token(KEY_LENGTH)
        const onClosed = () => void this.#sockets.delete(key)
        const socket = new StreamSocket(sink, { key, clock, onClosed })
        this.#sockets.set(key, socket)
        const end = hub.accept(socket, handshake, () => strangers.admits(group))
        strangers.add(group, end)
        socket.listen(end)
        return socket
      },
      abandon: () => {},
    }
  }

  /** [ST2] */
  async take(request: HttpRequest, key: string): Promise<Answer> {
    const text = await request.text()
    const socket = this.#sockets.get(key)
    if (!socket) throw new TidingsError('not-found', 'There is no connection of this name: open another one.')
    const number = Number(request.query.get('n'))
    if (!Number.isSafeInteger(number) || number < 1)
      throw new TidingsError('bad-request', 'Number the requests of a connection from 1.', { field: 'n' })
    const messages = text.split('\n')
    const most = this.#options.limits.messageBytes + LANE_BYTES
    if (messages.some((message) => message.length > most)) {
      socket.close(1009, '')
      throw new TidingsError('too-large', `A message may have ${most} characters; this one has more.`)
    }
    if (!socket.take(number, messages)) {
      socket.close(4400, 'A request is missing.')
      throw new TidingsError('sequence-gap', `Request ${number} came before the one in front of it.`, {
        field: 'n',
      })
    }
    return { status: 204, headers: { 'cache-control': 'no-store' }, body: '' }
  }
}
