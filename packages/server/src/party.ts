// Who is at the other end of a connection, and until when that is proven.

import type { Chance } from '@tidings/core'
import type { Identity } from './authority.ts'

export interface ProducerNames {
  /** Secret, bound to the person: what the log knows the writer by. */
  readonly producer: string
  /** What others see. */
  readonly publicName: string
}

export interface Party extends ProducerNames {
  readonly identity: Identity
  /** When to ask for a fresh token, and when the connection ends without one; wall time in milliseconds since 1970. */
  readonly refreshAt: number
  readonly endsAt: number
}

/** Asking for a fresh token begins when this part of the token's life is left, spread by half of it. */
const EARLY = 0.1

export function partyOf(
  identity: Identity,
  names: ProducerNames,
  { nowMs, graceMs, chance }: { readonly nowMs: number; readonly graceMs: number; readonly chance: Chance },
): Party {
  const { producer, publicName } = names
  const expiresAt = identity.expiresAt ?? Number.POSITIVE_INFINITY
  if (expiresAt === Number.POSITIVE_INFINITY)
    return { identity, producer, publicName, refreshAt: expiresAt, endsAt: expiresAt }
  // Spread, so that tokens that were made together are not renewed together.
  const earlyMs = (expiresAt - nowMs) * EARLY * (0.5 + chance.fraction() / 2)
  return { identity, producer, publicName, refreshAt: expiresAt - earlyMs, endsAt: expiresAt + graceMs }
}
