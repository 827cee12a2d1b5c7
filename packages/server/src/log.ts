// Lines for those who run the server, by `pino`: what happened, to which channel, with which code. Never payloads,
// never tokens; and whatever comes from outside is escaped, so that nobody can write a line of his own.

import { TidingsError } from '@tidings/core'
import { pino } from 'pino'

export type LogFields = Readonly<Record<string, unknown>>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Longest text of one field, in UTF-16 units. */
const MAX_FIELD = 500
/** Longest stack of an error. */
const MAX_STACK = 4_000

/** JSON lines. `write` gets each of them; default: standard error. */
export function createLogger(
  level: LogLevel = 'info',
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  const target = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  const line =
    (method: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}) =>
      target[method](cleanFields(fields), clean(message, MAX_FIELD))
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

function cleanFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cleanValue(value)]))
}

/** Objects are not written out: they may be payloads, and they may be deep. */
function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return clean(value, MAX_FIELD)
  if (value instanceof Error) return cleanError(value)
  if (typeof value === 'object' && value !== null) return '[object]'
  return typeof value === 'bigint' || typeof value === 'symbol' ? String(value) : value
}

function cleanError(error: Error): Record<string, unknown> {
  const { cause } = error
  return {
    type: clean(error.name, MAX_FIELD),
    message: clean(error.message, MAX_FIELD),
    ...(error instanceof TidingsError && { code: error.code }),
    stack: (error.stack ?? '')
      .slice(0, MAX_STACK)
      .split('\n')
      .map((frame) => clean(frame.trim(), MAX_FIELD)),
    ...(cause instanceof Error && {
      cause: `${clean(cause.name, MAX_FIELD)}: ${clean(cause.message, MAX_FIELD)}`,
    }),
  }
}

// Control characters, line separators, and the invisible marks that turn the direction of writing round.
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

function clean(text: string, maxLength: number): string {
  const short = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return short.replace(UNSAFE, (mark) => `\\u${mark.codePointAt(0)?.toString(16).padStart(4, '0')}`)
}
