// The language that both ends share. No I/O, no dependency.

export { adviceFor } from './advice.ts'
export { type Backoff, backoffBoundMs, backoffDelayMs, defaultBackoff } from './backoff.ts'
export { type Chance, systemChance } from './chance.ts'
export { type Cancel, type Clock, systemClock } from './clock.ts'
export {
  type Decoded,
  type DecodeLimits,
  decodeMessage,
  defaultDecodeLimits,
  joinFrames,
  nestingProblem,
  parseMessage,
} from './codec.ts'
export {
  type AnyDefinition,
  type AnyKind,
  type CallInput,
  type CallName,
  type CallOutput,
  type CallSchemas,
  type ChannelDefinition,
  type ChannelKind,
  type ChannelRef,
  type Contract,
  channel,
  defaultRetention,
  defineContract,
  type EntryMeta,
  type EventData,
  type EventInput,
  type EventName,
  MAX_NAME_LENGTH,
  type ParamsOf,
  type PresenceInput,
  type PresenceState,
  type QueryDefinition,
  type QueryKey,
  type Retention,
  type Schemas,
  type SignalData,
  type SignalInput,
  type SignalName,
  type StateDefinition,
  type StateOf,
} from './contract.ts'
export { Emitter } from './emitter.ts'
export {
  closeOf,
  codeOfClose,
  type ErrorCode,
  type ErrorDetails,
  isErrorCode,
  type Retry,
  TidingsError,
} from './errors.ts'
export { entryId, type FoldedEntry, foldEntry, type ReportSkipped, readEntry } from './fold.ts'
export {
  type ClientFrame,
  clientFrames,
  LANE_BYTES,
  LANE_DEPTH,
  type LaneFrame,
  MAX_CHANNELS_PER_CONNECTION,
  type Parsed,
  parseClientFrame,
  parseServerFrame,
  type ResetReason,
  type ServerFrame,
  SUBPROTOCOL,
  type SubscribeRequest,
  serverFrames,
  type WireEntry,
  type WireMember,
  type WireSnapshot,
} from './frames.ts'
export { formatPosition, isSamePosition, type Position, parsePosition } from './position.ts'
export {
  type InputOf,
  type OutputOf,
  type Schema,
  type Validation,
  validate,
  validateOrThrow,
} from './schema.ts'
export type { Socket, SocketHandlers } from './socket.ts'
export { statusOf } from './status.ts'
