// Tries one way to the server after the other, and stays with the one that works.

import { type Socket, type SocketHandlers, systemClock } from '@tidings/core'
import { type Dial, MOVED } from '../ports.ts'

/** What the client gives up sooner, it did not want any more: that says nothing about the way. Milliseconds. */
const CHANGED_MIND_MS = 500

/**
 * A Dial that begins with the first of `dials`. A connection over which nothing ever came, because it failed or was given
 * up, makes the next one have its turn, at once; after the last it begins again, with the client's backoff in between.
 *
 * @example
 * const client = createClient({ dial: fallbackDial(dialWebSocket, sseDial()) })
 */
export function fallbackDial(...dials: readonly [Dial, ...Dial[]]): Dial {
  let current = 0
  const dialInTurn: Dial = (url, protocols, handlers) => {
    const turn = current
    const dial = dials[turn] ?? dials[0]
    const begunAt = systemClock.monotonic()
    let hasHeard = false
    let isLeft = false
    const next = () => {
      if (isLeft) return false
      if (!hasHeard && current === turn) current = (turn + 1) % dials.length
      return !hasHeard && current > turn
    }
    const ownHandlers: SocketHandlers = {
      opened: () => handlers.opened(),
      received: (text) => {
        hasHeard = true
        handlers.received(text)
      },
      drained: () => handlers.drained(),
      closed: (code, reason) => (next() ? handlers.closed(MOVED, reason) : handlers.closed(code, reason)),
    }
    let socket: Socket
    try {
      socket = dial(url, protocols, ownHandlers)
    } catch (error) {
      // There is no such way here, or the page may not use it.
      if (next()) return dialInTurn(url, protocols, handlers)
      throw error
    }
    return {
      send: (text) => socket.send(text),
      close: (code, reason) => {
        if (systemClock.monotonic() - begunAt >= CHANGED_MIND_MS) next()
        isLeft = true
        socket.close(code, reason)
      },
      get bufferedBytes() {
        return socket.bufferedBytes
      },
    }
  }
  return dialInTurn
}
