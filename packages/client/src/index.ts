// The client: one connection, its channels, own writes.

export type { CallOptions } from './calls.ts'
export type { Channel } from './channel.ts'
export { type Client, type ClientOptions, createClient } from './client.ts'
export type { Breaker, ConnectionState, ReconnectReason } from './connection.ts'
export type { Continuity, Verdict } from './cursor.ts'
export type { TokenRequest } from './driver.ts'
export type { AnyEvent, ChannelOptions, EventInfo, Reset } from './inbox.ts'
export type { Load } from './loading.ts'
export type { OutboxLimits, OutboxView, Publication, PublicationStatus } from './outbox.ts'
export type { Dial, Lifecycle, LifecycleHint } from './ports.ts'
export type { Member, Presence } from './presence.ts'
export type { Source } from './source.ts'
