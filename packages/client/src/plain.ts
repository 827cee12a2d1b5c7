// A client against the backend that is there: a server of plain JSON over WebSocket.

export type { PlainAuth, PlainHeartbeat } from './plain/connection.ts'
export { type Dialect, type DialectKeys, dialect, type PlainMessage } from './plain/dialect.ts'
export { type PlainDialOptions, plainDial } from './plain/plain-dial.ts'
