// The door of the server: what applications and drivers import.

export { anonymous } from './anonymous.ts'
export type { ApiKey } from './api-keys.ts'
export type { Action, Authenticate, Authorize, AuthorizeRequest, Credentials, Identity } from './authority.ts'
export {
  type AppendIdentity,
  type AppendOutcome,
  type AppendRequest,
  type Broker,
  type BrokerListener,
  type Draft,
  type KeepRule,
  type LogHead,
  type ReadLimits,
  type ReadOutcome,
  resetReasonFor,
  type SnapshotStore,
  type StoredEntry,
  type StoredSnapshot,
  UNSEEN_TAG,
} from './broker.ts'
export type { CallContext, CallHandlers } from './calls.ts'
export type { MetricsAccess } from './http/health.ts'
export { createHttpServer } from './http-server.ts'
export {
  type JwtAlgorithm,
  type JwtOptions,
  jwtAlgorithms,
  jwtAuthenticator,
  type SignOptions,
  signToken,
} from './jwt.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { createLogger, type LogFields, type Logger, type LogLevel, silentLogger } from './log.ts'
export type { Happening, Observe } from './observe.ts'
export {
  type PlainEndpoint,
  type PlainEndpointOptions,
  type PlainShape,
  plainEndpoint,
} from './plain/endpoint.ts'
export {
  createServer,
  type Members,
  type PublishOptions,
  type Receipt,
  type ServerOptions,
  type TidingsServer,
} from './server.ts'
