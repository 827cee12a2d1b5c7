// The server's inner parts, for the simulation that proves them and for transports of one's own. Unlike the main door,
// their shapes may change with any version.

export { isReplacedBy, newEpoch, newTags } from './brokers/history.ts'
export { defaultIdentityMemory } from './brokers/identity.ts'
export { MemoryLog } from './brokers/memory-log.ts'
export { type Census, Hub, type HubOptions, type ServerEnd } from './hub.ts'
export { limitsWith } from './limits.ts'
export type { PublishReceipt, PublishRequest } from './publishing.ts'
