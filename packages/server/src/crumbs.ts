// A way that brings a connection byte by byte, as some proxies do: each byte would cost a read, and a thousand times its
// size in memory until the message is whole. Such a connection is read now and then, and what came meanwhile at once.

import type { Duplex } from 'node:stream'
import type { Clock } from '@tidings/core'
import type { WebSocket } from 'ws'

/** Less than anything that a client says: a masked ping has 21 bytes. */
const CRUMB_BYTES = 16
/** So many in a row are no accident. */
const MOST_CRUMBS = 64
/** What is too short for a person to notice, and long enough for a gulp, in milliseconds. */
const GULP_MS = 20

/** Keeps the pieces of one message few enough, whatever way it arrives on. */
export function gulpCrumbs(webSocket: WebSocket, socket: Duplex, clock: Clock): void {
  let crumbs = 0
  socket.on('data', ({ length }: Buffer) => {
    if (crumbs < MOST_CRUMBS) crumbs = length < CRUMB_BYTES ? crumbs + 1 : 0
    if (crumbs < MOST_CRUMBS || webSocket.isPaused) return
    webSocket.pause()
    gulpLater(webSocket, socket, clock)
  })
}

function gulpLater(webSocket: WebSocket, socket: Duplex, clock: Clock): void {
  clock.setTimer(GULP_MS, () => {
    // A read while paused is of all that has come, and reaches the WebSocket as one piece.
    if (socket.read() === null) webSocket.resume()
    else gulpLater(webSocket, socket, clock)
  })
}
