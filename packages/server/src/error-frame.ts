// Failures on their way to a client.

import { TidingsError } from '@tidings/core'

/** The failure as a client may see it; what is not one of ours is reported, and told as `internal` alone. */
export function toTidingsError(error: unknown, report: (error: unknown) => void): TidingsError {
  if (error instanceof TidingsError) return error
  report(error)
  return new TidingsError('internal', 'The server met an error of its own.', { cause: error })
}

/** `sequence`: for a gap, the highest number that the log has. */
export function errorFrame(
  { code, message, field, retryAfterMs, channel }: TidingsError,
  about: {
    readonly id?: number | undefined
    readonly channel?: string | undefined
    readonly sequence?: number | undefined
  } = {},
): string {
  return JSON.stringify({
    type: 'error',
    code,
    message: message.slice(0, 1_024),
    channel,
    field,
    retryAfterMs,
    ...about,
  })
}
