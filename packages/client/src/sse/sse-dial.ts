// The root of a connection over server-sent events: a Dial for createClient, with its defaults.

import type { Dial } from '../ports.ts'
import { addressOf } from '../websocket.ts'
import { type Fetch, SseSocket } from './sse-socket.ts'

export interface SseDialOptions {
  /** Default: the platform's. */
  readonly fetch?: Fetch | undefined
}

/**
 * Connects over server-sent events and requests, for networks that let no WebSocket pass. The protocol is the same, and so
 * are its guarantees; a write costs a request. The client's `url` is that of the WebSocket: `/v1/stream` is beside it.
 *
 * Over HTTP/1.1 a browser opens at most six connections to a server: with several tabs, share one
 * (`sharedDial({ dial: sseDial() })`) or serve HTTP/2. Behind several nodes, requests have to reach the node of their stream.
 *
 * @example
 * const client = createClient({ dial: fallbackDial(dialWebSocket, sseDial()) })
 */
export function sseDial({
  fetch = (address, init) => globalThis.fetch(address, init),
}: SseDialOptions = {}): Dial {
  return (url, _protocols, handlers) => {
    const address = new URL('stream', addressOf(url))
    address.protocol = address.protocol.replace('ws', 'http')
    return new SseSocket(address.href, fetch, handlers)
  }
}
