// The platform's WebSocket (browsers, workers, Node 22 and later) as a Socket.

import { type Socket, type SocketHandlers, TidingsError } from '@tidings/core'
import type { Dial } from './ports.ts'

/** Where a server is when only its origin is given. */
const DEFAULT_PATH = '/v1/socket'

export const dialWebSocket: Dial = (url, protocols, handlers) =>
  openWebSocket(addressOf(url), protocols, handlers)

export function openWebSocket(address: URL, protocols: readonly string[], handlers: SocketHandlers): Socket {
  const socket = new WebSocket(address, [...protocols])
  socket.onopen = () => handlers.opened()
  // A binary message is none of the protocol's: as empty text it is reported as malformed.
  socket.onmessage = ({ data }) => handlers.received(typeof data === 'string' ? data : '')
  // An error is always followed by a close, which says as much as a page may know.
  socket.onclose = ({ code, reason }) => handlers.closed(code, reason)
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close: (code, reason) => socket.close(code, reason),
    get bufferedBytes() {
      return socket.bufferedAmount
    },
  }
}

/** The address of a Tidings server; at its usual path where only an origin is given. */
export function addressOf(url: string): URL {
  const address = webSocketAddress(url)
  if (address.pathname === '/') address.pathname = DEFAULT_PATH
  return address
}

/** The address of a WebSocket, from one of a page or a server, or from a path on the page's own server. */
export function webSocketAddress(url: string): URL {
  const base: string | undefined = (globalThis as { location?: { href: string } }).location?.href
  const address = URL.canParse(url, base) ? new URL(url, base) : undefined
  if (address?.protocol === 'http:' || address?.protocol === 'https:') {
    address.protocol = address.protocol.replace('http', 'ws')
  }
  if (address?.protocol !== 'ws:' && address?.protocol !== 'wss:') {
    const hint = `Give a ws:, wss:, http: or https: address${base ? ', or a path' : ''}.`
    throw new TidingsError('bad-request', `"${url}" is no address of a server. ${hint}`, { field: 'url' })
  }
  return address
}
