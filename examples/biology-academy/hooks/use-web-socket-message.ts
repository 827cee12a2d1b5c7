// The academy's second hook: what is done when a message comes. For what is shown, useChannelState of @tidings/react.

import { useEffect } from 'react'
import type { MessageType, Payloads } from '../client/messages.ts'
import type { Told } from '../client/web-socket-client.ts'
import { useLatest } from './use-latest.ts'
import type { WebSocketHandle } from './use-web-socket.ts'

/** The types of messages with this payload. */
type TypeOf<Payload> = { [Type in MessageType]: Payloads[Type] extends Payload ? Type : never }[MessageType]

/**
 * Calls the handler of the latest render for each message of that type, while the component is mounted.
 *
 * @example
 * useWebSocketMessage(socket, 'notification', ({ title }) => toast(title))
 */
export function useWebSocketMessage<Type extends MessageType>(
  socket: Pick<WebSocketHandle, 'client'>,
  type: Type,
  handler: (payload: Payloads[Type], told: Told) => void,
): void
/** The same by the payload: `useWebSocketMessage<SystemStatus>(socket, 'system_status', handler)`. */
export function useWebSocketMessage<Payload extends Payloads[MessageType]>(
  socket: Pick<WebSocketHandle, 'client'>,
  type: TypeOf<Payload>,
  handler: (payload: Payload, told: Told) => void,
): void
export function useWebSocketMessage<Type extends MessageType>(
  socket: Pick<WebSocketHandle, 'client'>,
  type: Type,
  handler: (payload: Payloads[Type], told: Told) => void,
): void {
  const latest = useLatest(handler)
  const { client } = socket
  useEffect(() => client.on(type, (payload, told) => latest.current(payload, told)), [client, type, latest])
}
