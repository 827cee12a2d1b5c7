// The root of a connection to a plain server: a Dial for createClient, with its defaults.

import {
  type Chance,
  type Clock,
  type Contract,
  type Socket,
  type SocketHandlers,
  systemChance,
  systemClock,
} from '@tidings/core'
import type { Dial } from '../ports.ts'
import { openWebSocket, webSocketAddress } from '../websocket.ts'
import {
  type PlainAuth,
  PlainConnection,
  type PlainHeartbeat,
  type PlainMemory,
  type PlainServer,
} from './connection.ts'
import { type Dialect, dialect, type PlainMessage } from './dialect.ts'

export interface PlainDialOptions {
  /** Channels, and the events in them: a message belongs to the channel that declares its type. */
  readonly contract: Contract
  /** How messages are written. Default `{ type, data }` both ways. */
  readonly dialect?: Dialect | undefined
  /**
   * Address of a channel's endpoint, absolute or a path; the same address is one socket. Undefined: there is none. With a
   * token in the address, the server needs no message. Default: the client's `url` for everything.
   */
  readonly endpoint?: PlainServer['endpoint'] | undefined
  /** Which of the channels on its endpoint a message belongs to. Default: the first one that declares its type. */
  readonly channelOf?:
    | ((message: PlainMessage, channels: readonly string[]) => string | undefined)
    | undefined
  /** A first message as authentication, with the client's `token`. Default: none. */
  readonly auth?: PlainAuth | undefined
  /** Pings as messages. Default: none of its own; those of the server are answered all the same. */
  readonly heartbeat?: PlainHeartbeat | undefined
  readonly open?: ((address: string, handlers: SocketHandlers) => Socket) | undefined
  readonly clock?: Clock | undefined
  readonly chance?: Chance | undefined
}

/**
 * Lets a client speak with a server of plain JSON over WebSocket, as it is. Queue, backoff, contract, folds and hooks work as
 * ever. What the server cannot give is shown as absent: a write ends as `unconfirmed`; after a drop every channel is
 * `reset`, its state what the page last knew, for the app to `load` anew; there is no presence and there are no calls.
 *
 * @example
 * const client = createClient({
 *   url: 'ws://localhost:8002/ws',
 *   dial: plainDial({ contract, dialect: dialect({}, { type: 'event' }) }),
 * })
 */
export function plainDial({
  contract,
  dialect: spoken = dialect(),
  endpoint = ({ url }) => url,
  channelOf,
  auth,
  heartbeat,
  open = (address, handlers) => openWebSocket(webSocketAddress(address), [], handlers),
  clock = systemClock,
  chance = systemChance,
}: PlainDialOptions): Dial {
  const memory: PlainMemory = new Map()
  const declares = (channel: string, type: string) => {
    const definition = contract.resolve(channel)?.definition
    return definition && (Object.hasOwn(definition.events, type) || Object.hasOwn(definition.signals, type))
  }
  const server: PlainServer = {
    dialect: spoken,
    auth,
    heartbeat,
    endpoint,
    channelOf: channelOf ?? (({ type }, channels) => channels.find((channel) => declares(channel, type))),
    resolve: contract.resolve,
  }
  const ports = { clock, open, drawName: () => chance.token(12) }
  return (url, _protocols, handlers) => new PlainConnection(url, handlers, { server, ports, memory })
}
