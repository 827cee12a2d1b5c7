// One node:http server for two: what is Tidings' is answered here, everything else by the listeners that were there
// before. They are called from here, so that no request is answered twice.

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export interface Part {
  owns(request: IncomingMessage): boolean
  answer(request: IncomingMessage, response: ServerResponse): void
  /** False: not ours. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Undone, once, by what it returns. */
export function takePart(server: Server, part: Part): () => void {
  const requestListeners = server.listeners('request') as RequestListener[]
  const upgradeListeners = server.listeners('upgrade') as UpgradeListener[]
  const onRequest: RequestListener = (request, response) => {
    // Where there is nobody else, a path that is nobody's gets its 404 here.
    if (part.owns(request) || requestListeners.length === 0) return part.answer(request, response)
    for (const listener of requestListeners) listener.call(server, request, response)
  }
  const onUpgrade: UpgradeListener = (request, socket, head) => {
    if (part.upgrade(request, socket, head)) return
    if (upgradeListeners.length === 0) return refuse(socket)
    for (const listener of upgradeListeners) listener.call(server, request, socket, head)
  }
  server.removeAllListeners('request').removeAllListeners('upgrade')
  server.on('request', onRequest).on('upgrade', onUpgrade)
  let isUndone = false
  return () => {
    if (isUndone) return
    isUndone = true
    server.off('request', onRequest).off('upgrade', onUpgrade)
    for (const listener of requestListeners) server.on('request', listener)
    for (const listener of upgradeListeners) server.on('upgrade', listener)
  }
}

/** Nobody else would answer, and the socket would stay open for ever. */
function refuse(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n', () =>
    socket.destroy(),
  )
}
