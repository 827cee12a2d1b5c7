// The academy's own names, over Tidings.

export type { Message, MessageType, Payloads } from './client/messages.ts'
export { defaults, type WebSocketClientOptions } from './client/options.ts'
export { type Told, WebSocketClient } from './client/web-socket-client.ts'
export { useWebSocket, type WebSocketHandle } from './hooks/use-web-socket.ts'
export { useWebSocketMessage } from './hooks/use-web-socket-message.ts'
