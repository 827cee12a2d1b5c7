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
  error: TidingsError,
  about: {
    readonly id?: number | undefined
    readonly channel?: string | undefined
    readonly sequence?: number | undefined
  } = {},
): string {
  const { code, field, retryAfterMs, channel } = error
  return JSON.stringify({
    type: 'error',
    code,
    message: wordsOf(error),
    channel,
    field: field?.slice(0, MAX_FIELD) || undefined,
    retryAfterMs: wholeMs(retryAfterMs),
    ...about,
  })
}

/** A subscription that the server ends [SB10]. */
export function endedFrame(channel: string, error: TidingsError): string {
  return JSON.stringify({ type: 'unsubscribed', channel, code: error.code, message: wordsOf(error) })
}

// Messages, fields and times may be the application's own: what no frame can carry would never reach the client, who
// would wait for the answer.

const MAX_MESSAGE = 1_024
const MAX_FIELD = 256

const wordsOf = ({ message, code }: TidingsError) => message.slice(0, MAX_MESSAGE) || code

function wholeMs(ms: number | undefined): number | undefined {
  return ms !== undefined && Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : undefined
}
