// What the head of a node:http request says, read with care: names are the peer's, and so is the target.

import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** The socket is a TLSSocket, and says so, where TLS ends in this process. */
export function isEncrypted(request: IncomingMessage): boolean {
  return (request.socket as Partial<TLSSocket>).encrypted === true
}

/** The path and query of a request target, which a proxy's client may send with scheme and host before them. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/, '')
  const mark = local.indexOf('?')
  return mark < 0
    ? { path: local || '/', query: '' }
    : { path: local.slice(0, mark) || '/', query: local.slice(mark + 1) }
}
