// How each source is dialled. What a page does not use, it does not load: only the mock brings a server along.

import type { Dial } from '@tidings/client'
import { dialect, plainDial } from '@tidings/client/plain'
import { sharedDial } from '@tidings/client/tabs'
import type { Socket } from '@tidings/core'
import { contract } from '../contract.ts'
import { defaults, sourceOf, type WebSocketClientOptions } from './options.ts'

/** The tabs of a browser share one connection. */
const shared = sharedDial({ name: 'biology-academy' })

export function dialFor(options: WebSocketClientOptions): Dial {
  const { heartbeatInterval = defaults.heartbeatInterval, ports = {} } = options
  if (ports.dial) return ports.dial
  switch (sourceOf(options)) {
    case 'tidings':
      return shared
    case 'plain':
      return plainDial({
        contract,
        endpoint: ({ url, token }) => withToken(url, token),
        dialect: dialect({ data: 'payload', at: 'timestamp', id: 'messageId' }),
        heartbeat: { everyMs: heartbeatInterval, isAnswered: true },
        ...{ open: ports.open, clock: ports.clock, chance: ports.chance },
      })
    case 'mock':
      return lazyDial(async () => (await import('../mock/mock.ts')).mockDial(ports.clock))
  }
}

function withToken(url: string, token: string | undefined): string {
  return token === undefined
    ? url
    : `${url}${url.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}`
}

/** A dial that is loaded when it is first used. */
export function lazyDial(load: () => Promise<Dial>): Dial {
  return (url, protocols, handlers) => {
    let socket: Socket | undefined
    let isClosed = false
    const close = (code: number, reason: string) => {
      if (isClosed) return
      isClosed = true
      if (socket) socket.close(code, reason)
      else handlers.closed(code, reason)
    }
    load().then(
      (dial) => {
        if (!isClosed) socket = dial(url, protocols, handlers)
      },
      (error) => close(LOST, String(error)),
    )
    return {
      send: (text) => socket?.send(text),
      close,
      get bufferedBytes() {
        return socket?.bufferedBytes ?? 0
      },
    }
  }
}

/** As a connection that could not be made: it is tried again. */
const LOST = 1006
