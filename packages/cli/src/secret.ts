// The secret that development tokens are signed and checked with.

import { UsageError } from './command.ts'

/** RFC 7518, 3.2: a key for HS256 is at least as long as the hash. */
const MIN_BYTES = 32

/** Throws UsageError for a secret that could be guessed. */
export function checkSecret(secret: string): string {
  const bytes = Buffer.byteLength(secret)
  if (bytes >= MIN_BYTES) return secret
  throw new UsageError(
    `The secret has ${bytes} bytes; HS256 needs at least ${MIN_BYTES}. "openssl rand -base64 32" makes one.`,
  )
}
