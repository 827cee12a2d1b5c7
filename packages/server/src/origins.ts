// Which pages may speak to the server with the cookies of their visitors: exactly the listed origins and the server's
// own, and during development those of this machine [AU2]. Nothing that merely looks alike gets in.

import { TidingsError } from '@tidings/core'

export type OriginVerdict = 'absent' | 'allowed' | 'foreign'

export interface OriginRequest {
  /** The `Origin` header. Browsers send it with every WebSocket, every foreign request and every POST. */
  readonly origin: string | undefined
  readonly host: string | undefined
  readonly isSecure: boolean
}

export type OriginRule = (request: OriginRequest) => OriginVerdict

export interface OriginOptions {
  /** Origins such as `https://app.example.com`; their names count as names of the server. */
  readonly listed?: readonly string[] | undefined
  /** Names that the server goes by, without port. Default: whatever the `Host` header says. */
  readonly hosts?: readonly string[] | undefined
  /** Pages of any port of `localhost`, `127.0.0.1` and `[::1]`, where development servers are. Default: false. */
  readonly allowsLoopback?: boolean | undefined
}

const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?$/

/** Throws when one of `listed` is not an origin. */
export function originRule({ listed = [], hosts, allowsLoopback = false }: OriginOptions = {}): OriginRule {
  for (const text of listed) {
    const problem = originProblem(text)
    if (problem) throw new TypeError(problem)
  }
  const allowed = new Set(listed)
  const names = hosts && new Set([...hosts, ...listed.map((text) => new URL(text).hostname)])
  return ({ origin, host, isSecure }) => {
    // A page whose name was made to lead here (DNS rebinding) would pass for the server's own.
    if (host !== undefined && names && !names.has(host.replace(/:[0-9]*$/, ''))) return 'foreign'
    if (origin === undefined) return 'absent'
    if (allowed.has(origin) || (allowsLoopback && LOOPBACK_ORIGIN.test(origin))) return 'allowed'
    return host !== undefined && origin === ownOrigin(host, isSecure) ? 'allowed' : 'foreign'
  }
}

/** What a foreign request is told. */
export function originRefusal({ origin, host }: Pick<OriginRequest, 'origin' | 'host'>): TidingsError {
  const message =
    origin === undefined
      ? `This server does not go by the name ${host}.`
      : `Pages of ${origin || 'no origin'} may not use this server: its list of origins (TIDINGS_ORIGINS) does not name them.`
  return new TidingsError('origin-refused', message, { field: origin === undefined ? 'host' : 'origin' })
}

/** Behind a proxy that ends TLS the server cannot know its own origin: list it. */
export function ownOrigin(host: string, isSecure: boolean): string {
  return `${isSecure ? 'https' : 'http'}://${host}`
}

/** A sentence when the text is not an origin as browsers write it. */
export function originProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url !== undefined && /^https?:\/\/[0-9a-z.:[\]_-]+$/.test(url.origin)
  if (isWeb && url.origin === text) return undefined
  return `"${text}" is not an origin; ${isWeb ? `"${url.origin}" would be one` : 'it looks like "https://app.example.com"'}.`
}
