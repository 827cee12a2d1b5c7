// The platform's WebSocket (browsers, workers, Node 22 and later) as a Socket.

import type { Socket, SocketHandlers } from '@tidings/core'

/** Opens a connection. Nothing is called after `closed`. */
export type Dial = (url: string, protocols: readonly string[], handlers: SocketHandlers) => Socket
