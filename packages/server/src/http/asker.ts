// Who asks over HTTP, and what they may do [HT9]: an API key, or whoever `authenticate` finds behind a token or the
// cookies of an allowed page. Nothing else that a client sends names a user.

import { type ChannelRef, type Clock, TidingsError } from '@tidings/core'
import type { ApiKeys, KeyScope } from '../api-keys.ts'
import { type Authenticate, type Authorize, authorizeRequest, type Identity } from '../authority.ts'
import { noCookies, parseCookies } from '../cookies.ts'
import type { Limits } from '../limits.ts'
import type { OriginVerdict } from '../origins.ts'
import { Rates } from '../rates.ts'
import type { HttpRequest } from './exchange.ts'

export interface Asker {
  /** Keys and producers of one writer are its own; undefined for somebody anonymous, who may not write over HTTP. */
  readonly writer: string | undefined
  readonly user: string | undefined
  /** When the right to be here ends, in milliseconds since 1970. */
  readonly expiresAt: number | undefined
  may(action: 'subscribe' | 'publish', ref: ChannelRef, name?: string): Promise<boolean>
}

export interface AskersOptions {
  readonly apiKeys: ApiKeys
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly limits: Limits
  readonly clock: Clock
}

export class Askers {
  readonly #options: AskersOptions
  readonly #requests: Rates
  readonly #failures: Rates

  constructor(options: AskersOptions) {
    const { clock, limits } = options
    this.#options = options
    this.#requests = new Rates({ clock, perSecond: limits.requestsPerSecond, burst: limits.requestBurst })
    this.#failures = new Rates({ clock, perSecond: limits.failuresPerSecond, burst: limits.failureBurst })
  }

  /** Rejects with `unauthenticated`, or with `rate-limited` when this asker has asked too often. */
  async identify(request: HttpRequest, origin: OriginVerdict): Promise<Asker> {
    const token = bearerOf(request)
    // Guessing must not be free: an address that was wrong too often is not even told whether it is right now.
    if (token !== undefined)
      refuseWhile(
        this.#failures.wait(request.addressGroup),
        'This address sent too many wrong keys or tokens.',
      )
    const scope = token === undefined ? undefined : this.#options.apiKeys.find(token)
    const asker = scope ? backend(scope) : await this.#person(request, token, origin)
    if (!asker) throw this.#refusal(request.addressGroup, token)
    const name =
      scope?.id ?? (asker.user === undefined ? `address ${request.addressGroup}` : `user ${asker.user}`)
    refuseWhile(this.#requests.take(name), 'More requests came than the rate allows.')
    return asker
  }

  async #person(
    request: HttpRequest,
    token: string | undefined,
    origin: OriginVerdict,
  ): Promise<Asker | undefined> {
    const { authenticate, authorize, clock } = this.#options
    const cookies = cookiesCount(request, origin) ? parseCookies(request.header('cookie')) : noCookies
    const identity = await authenticate({
      token,
      cookies,
      origin: request.header('origin'),
      address: request.address,
    })
    if (!identity || (identity.expiresAt !== undefined && identity.expiresAt <= clock.now())) return undefined
    return person(identity, authorize)
  }

  #refusal(address: string, token: string | undefined): TidingsError {
    if (token === undefined) {
      return new TidingsError(
        'unauthenticated',
        'This needs an API key or a token: Authorization: Bearer <key>.',
        { field: 'authorization' },
      )
    }
    this.#failures.take(address)
    return new TidingsError('unauthenticated', 'The key or token of this request is not valid.', {
      field: 'authorization',
    })
  }
}

function backend({ covers }: KeyScope): Asker {
  // All backends are one writer: a key can be replaced in the middle of a retry.
  return {
    writer: 'backend',
    user: undefined,
    expiresAt: undefined,
    may: async (_action, ref) => covers(ref.name),
  }
}

function person(identity: Identity, authorize: Authorize): Asker {
  const { user, expiresAt } = identity
  return {
    writer: user === undefined ? undefined : `user ${user}`,
    user,
    expiresAt,
    may: async (action, ref, name) => authorize(authorizeRequest(identity, ref, action, name)),
  }
}

/** The token of `Authorization: Bearer …`; undefined without the header. */
function bearerOf(request: HttpRequest): string | undefined {
  const header = request.header('authorization')
  if (header === undefined) return undefined
  const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1]
  if (token !== undefined) return token
  throw new TidingsError(
    'unauthenticated',
    'The Authorization header must read "Bearer", a space, and the key or token.',
    {
      field: 'authorization',
    },
  )
}

/**
 * Cookies count only for pages of an allowed origin [AU2]. A page's GET to its own server, an EventSource too, carries
 * no Origin; there the browser itself vouches with a header that no page can set.
 */
function cookiesCount(request: HttpRequest, origin: OriginVerdict): boolean {
  return origin === 'allowed' || (origin === 'absent' && request.header('sec-fetch-site') === 'same-origin')
}

function refuseWhile(waitMs: number, message: string): void {
  if (waitMs > 0) throw new TidingsError('rate-limited', message, { retryAfterMs: waitMs })
}
