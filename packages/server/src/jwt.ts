// JSON Web Tokens by `jose`: who somebody is, by a signature of somebody trusted. Algorithms and keys are fixed by the
// application; nothing in a token decides how it is checked, or makes this server ask anybody anything [AU1].

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { type Clock, systemClock, TidingsError } from '@tidings/core'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  SignJWT,
} from 'jose'
import type { Authenticate, Identity } from './authority.ts'

export const jwtAlgorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
export type JwtAlgorithm = (typeof jwtAlgorithms)[number]

/** Exactly one of `secret`, `publicKey` and `jwks`. */
export interface JwtOptions {
  /** The only ones accepted. All HS…, for a secret, or none of them, for public keys. */
  readonly algorithms: readonly JwtAlgorithm[]
  /** At least as many bytes as the algorithm's digest: 32 for HS256. */
  readonly secret?: string | undefined
  /** PEM. */
  readonly publicKey?: string | undefined
  /** A pinned set, or the https address of one. Unknown keys make it be fetched again at most once in 30 seconds. */
  readonly jwks?: JSONWebKeySet | URL | undefined
  /** What `iss` must be. Default: anything. */
  readonly issuer?: string | readonly string[] | undefined
  /** What `aud` must contain. Default: anything; give it wherever the issuer serves more than this application. */
  readonly audience?: string | readonly string[] | undefined
  /** How far the clocks of issuer and server may differ, in seconds. Default 5, at most 60. */
  readonly clockToleranceSeconds?: number | undefined
  /** The claim that names the user. Default `sub`. */
  readonly userClaim?: string | undefined
  readonly clock?: Clock | undefined
}

/** Longest token that is looked at; frames carry no longer one either. */
const MAX_TOKEN = 8_192
const MAX_USER = 256
/** Three parts and nothing around them: decoders forgive white space, and a token should have one spelling. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/
/** A key set that could not be fetched is not asked for again before this time, however many tokens come. */
const JWKS_RETRY_MS = 5_000

/**
 * Accepts a token with a good signature and an `exp` in the future. Every refusal looks the same from outside.
 * Throws at once on options that would be unsafe.
 *
 * @example
 * createServer({ authenticate: jwtAuthenticator({ algorithms: ['HS256'], secret: process.env.JWT_SECRET }), … })
 */
export function jwtAuthenticator(options: JwtOptions): Authenticate {
  const {
    algorithms,
    issuer,
    audience,
    clockToleranceSeconds = 5,
    userClaim = 'sub',
    clock = systemClock,
  } = options
  checkAlgorithms(algorithms, options.secret !== undefined)
  if (!(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 60))
    throw new TypeError('clockToleranceSeconds must be from 0 to 60.')
  const findKey = keyFinder(options, clock)
  return async ({ token }) => {
    if (token === undefined || token.length > MAX_TOKEN || !COMPACT.test(token)) return undefined
    try {
      const { payload } = await jwtVerify(token, findKey, {
        algorithms: [...algorithms],
        ...(issuer !== undefined && { issuer: typeof issuer === 'string' ? issuer : [...issuer] }),
        ...(audience !== undefined && { audience: typeof audience === 'string' ? audience : [...audience] }),
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp'],
      })
      return toIdentity(payload, userClaim)
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}

export interface SignOptions {
  readonly algorithm: JwtAlgorithm
  /** The secret of an HS algorithm, or a private key in PEM. */
  readonly key: string
  readonly user: string
  readonly expiresInSeconds: number
  /** More claims; those named by other options win. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  readonly keyId?: string | undefined
  readonly clock?: Clock | undefined
}

/** A token as `jwtAuthenticator` accepts it: for scripts, tests and small applications that issue their own. */
export async function signToken(options: SignOptions): Promise<string> {
  const {
    algorithm,
    key,
    user,
    expiresInSeconds,
    claims,
    issuer,
    audience,
    keyId,
    clock = systemClock,
  } = options
  checkAlgorithms([algorithm], algorithm.startsWith('HS'))
  const now = Math.floor(clock.now() / 1_000)
  const token = new SignJWT({ ...claims })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) })
    .setSubject(user)
    .setIssuedAt(now)
    .setExpirationTime(now + expiresInSeconds)
  if (issuer !== undefined) token.setIssuer(issuer)
  if (audience !== undefined) token.setAudience(audience)
  return token.sign(algorithm.startsWith('HS') ? secretBytes(key, [algorithm]) : createPrivateKey(key))
}

function checkAlgorithms(algorithms: readonly string[], hasSecret: boolean): void {
  const known: readonly string[] = jwtAlgorithms
  const unknown = algorithms.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`"${unknown}" is not an algorithm to trust; there are ${jwtAlgorithms.join(', ')}.`)
  if (algorithms.length === 0) throw new TypeError('algorithms must name at least one algorithm.')
  // A public key is no secret: where both kinds were allowed, anybody could sign with it as if it were one.
  if (algorithms.some((name) => name.startsWith('HS') !== hasSecret)) {
    throw new TypeError(
      hasSecret
        ? 'A secret goes with HS256, HS384 and HS512 only.'
        : 'HS algorithms need a secret, and there is none; the others need publicKey or jwks.',
    )
  }
}

function keyFinder({ algorithms, secret, publicKey, jwks }: JwtOptions, clock: Clock): JWTVerifyGetKey {
  if ([secret, publicKey, jwks].filter((source) => source !== undefined).length !== 1) {
    throw new TypeError('Give exactly one of secret, publicKey and jwks.')
  }
  if (secret !== undefined) {
    const bytes = secretBytes(secret, algorithms)
    return async () => bytes
  }
  if (publicKey !== undefined) {
    const key = readPublicKey(publicKey)
    return async () => key
  }
  return jwks instanceof URL ? remoteKeys(jwks, clock) : createLocalJWKSet(jwks as JSONWebKeySet)
}

function secretBytes(secret: string, algorithms: readonly JwtAlgorithm[]): Uint8Array {
  const bytes = new TextEncoder().encode(secret)
  const needed = Math.max(...algorithms.map((name) => Number(name.slice(2)) / 8))
  if (secret.includes('-----BEGIN'))
    throw new TypeError('The secret is a key in PEM; give it as publicKey, with RS, PS, ES or EdDSA.')
  if (bytes.length < needed)
    throw new TypeError(
      `The secret has ${bytes.length} bytes; ${algorithms.join(', ')} needs ${needed} or more.`,
    )
  return bytes
}

function readPublicKey(pem: string): KeyObject {
  if (!pem.includes('-----BEGIN PUBLIC KEY-----') && !pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new TypeError(
      'publicKey must be PEM that begins with -----BEGIN PUBLIC KEY----- (SPKI) or -----BEGIN CERTIFICATE-----.',
    )
  }
  return createPublicKey(pem)
}

function remoteKeys(url: URL, clock: Clock): JWTVerifyGetKey {
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))
    throw new TypeError(`The key set ${url.href} must be fetched by https.`)
  const find = createRemoteJWKSet(url)
  let failedAt = Number.NEGATIVE_INFINITY
  return async (header, token) => {
    const isResting = clock.monotonic() - failedAt < JWKS_RETRY_MS
    if (isResting && !find.fresh) throw unreachable(url)
    try {
      return await find(header, token)
    } catch (cause) {
      if (isAboutToken(cause)) throw cause
      failedAt = clock.monotonic()
      throw unreachable(url, cause)
    }
  }
}

/** The set was there, and has no one key for this token. */
function isAboutToken(cause: unknown): boolean {
  return (
    cause instanceof errors.JWKSNoMatchingKey ||
    cause instanceof errors.JWKSMultipleMatchingKeys ||
    cause instanceof errors.JOSENotSupported
  )
}

function unreachable(url: URL, cause?: unknown): TidingsError {
  return new TidingsError(
    'unavailable',
    `Tokens cannot be checked: the key set at ${url.host} does not answer.`,
    { cause },
  )
}

function toIdentity(payload: JWTPayload, userClaim: string): Identity | undefined {
  const user = Object.hasOwn(payload, userClaim) ? payload[userClaim] : undefined
  if (typeof user !== 'string' || user === '' || user.length > MAX_USER) return undefined
  return { user, expiresAt: (payload.exp as number) * 1_000, claims: payload }
}
