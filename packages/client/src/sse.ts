// The way for a client where no WebSocket passes: server-sent events down, requests up.

export { EventStreamReader, type StreamEvent } from './sse/event-stream.ts'
export { fallbackDial } from './sse/fallback-dial.ts'
export { type SseDialOptions, sseDial } from './sse/sse-dial.ts'
export { dialWebSocket } from './websocket.ts'
