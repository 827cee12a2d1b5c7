// Who somebody is, and what they may do: the two questions that only the application can answer, as ports.

import type { AnyDefinition, ChannelRef } from '@tidings/core'

export interface Identity {
  /** Stable name of the person, 1 to 256 characters; undefined for somebody anonymous. */
  readonly user?: string | undefined
  /** When the proof of it ends, in milliseconds since 1970; undefined when it does not. */
  readonly expiresAt?: number | undefined
  /** Whatever else the application wants to know when it authorizes. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

export interface Credentials {
  readonly token: string | undefined
  /** Empty unless the request came from an allowed origin. Has no prototype. */
  readonly cookies: Readonly<Record<string, string>>
  /** The `Origin` header, where there was one. */
  readonly origin: string | undefined
  /** The peer's network address. */
  readonly address: string
}

/** Resolves undefined when the credentials prove nothing. A rejection counts as a fault of the server. */
export type Authenticate = (credentials: Credentials) => Identity | undefined | Promise<Identity | undefined>

const MAX_USER = 256

/** `authenticate`, but an identity that no frame could carry is a fault of the application, not of whoever gets the frame. */
export function checkedAuthenticate(authenticate: Authenticate): Authenticate {
  return async (credentials) => {
    const identity = await authenticate(credentials)
    if (!identity) return undefined
    const { user, expiresAt } = identity
    if (user !== undefined && !(typeof user === 'string' && user !== '' && user.length <= MAX_USER)) {
      throw new TypeError(`authenticate gave a user that is not text of 1 to ${MAX_USER} characters.`)
    }
    if (expiresAt === undefined) return identity
    if (typeof expiresAt !== 'number' || Number.isNaN(expiresAt)) {
      throw new TypeError('authenticate gave an expiresAt that is not a number of milliseconds since 1970.')
    }
    // What lies beyond all calendars does not end.
    const end = expiresAt > Number.MAX_SAFE_INTEGER ? undefined : Math.max(0, Math.floor(expiresAt))
    return { ...identity, expiresAt: end }
  }
}

export type Action = 'subscribe' | 'publish' | 'signal' | 'presence' | 'call'

export interface AuthorizeRequest {
  readonly identity: Identity
  readonly channel: string
  readonly params: Readonly<Record<string, string>>
  readonly definition: AnyDefinition
  readonly action: Action
  /** The event, signal or call in question. */
  readonly name?: string | undefined
}

export type Authorize = (request: AuthorizeRequest) => boolean | Promise<boolean>

export function authorizeRequest(
  identity: Identity,
  ref: ChannelRef,
  action: Action,
  name?: string,
): AuthorizeRequest {
  return { identity, channel: ref.name, params: ref.params, definition: ref.definition, action, name }
}
