// The client: one connection, its channels, own writes.

export type { AnyEvent, CallOptions, Channel, ChannelOptions, EventInfo, Load, Reset } from './channel.ts'
export { type Breaker, type Client, type ClientOptions, createClient, type TokenRequest } from './client.ts'
export type { ConnectionState, ReconnectReason } from './connection.ts'
export type { Continuity, Verdict } from './cursor.ts'
export type { Lifecycle, LifecycleHint } from './lifecycle.ts'
export type { OutboxLimits, OutboxView, Publication, PublicationStatus } from './outbox.ts'
export type { Member, Presence } from './presence.ts'
export type { Source } from './source.ts'
export type { Dial } from './websocket.ts'
