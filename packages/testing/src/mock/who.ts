// Who somebody is for a mock: whoever the token says. Nothing is proven, and nothing is at stake.

import type { Authenticate, Identity } from '@tidings/server'

const MAX_USER = 256

/** Without a token it is `user`, or nobody; a JWT counts by its `sub`, any other token is the name itself. */
export function trustingAuthenticate(user: string | undefined): Authenticate {
  return ({ token }): Identity => {
    const name = token === undefined ? user : (subjectOf(token) ?? token)
    return name ? { user: name.slice(0, MAX_USER) } : {}
  }
}

function subjectOf(token: string): string | undefined {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token) ?? []
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    const { sub } = claims as { readonly sub?: unknown }
    return typeof sub === 'string' ? sub : undefined
  } catch {
    return undefined
  }
}
