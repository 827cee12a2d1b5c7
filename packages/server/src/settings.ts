// The settings of `run`, read from the environment. A wrong one is told in a sentence: what is wrong, and what would
// be right. An empty variable counts as absent.

import { apiKeyProblem } from './api-keys.ts'
import { type LogLevel, logLevels } from './log.ts'
import { originProblem } from './origins.ts'

export interface Settings {
  /** 0: any free one. */
  readonly port: number
  readonly host: string
  readonly dataFolder: string
  /** Undefined: the one kept in the data folder. */
  readonly apiKey: string | undefined
  /** Undefined: metrics are for this machine alone. */
  readonly metricsToken: string | undefined
  readonly origins: readonly string[]
  readonly drainMs: number
  readonly logLevel: LogLevel
}

/** What the message says is all that the person who started the program needs to read. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Throws a StartFailure. */
export function readSettings(env: Environment): Settings {
  return {
    port: wholeNumber(env, 'PORT', { otherwise: 4000, most: 65_535, note: '0 takes any free port' }),
    host: host(env),
    dataFolder: text(env, 'TIDINGS_DATA') ?? '.tidings',
    apiKey: secret(env, 'TIDINGS_API_KEY'),
    metricsToken: secret(env, 'TIDINGS_METRICS_TOKEN'),
    origins: origins(env),
    drainMs: wholeNumber(env, 'TIDINGS_DRAIN_MS', { otherwise: 10_000, most: 600_000, note: 'milliseconds' }),
    logLevel: logLevel(env),
  }
}

function text(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === '' ? undefined : value
}

function wholeNumber(
  env: Environment,
  name: string,
  rule: { otherwise: number; most: number; note: string },
): number {
  const value = text(env, name)
  if (value === undefined) return rule.otherwise
  if (/^[0-9]{1,9}$/.test(value) && Number(value) <= rule.most) return Number(value)
  throw new StartFailure(
    `${name} is ${shown(value)}; it must be a whole number from 0 to ${rule.most} (${rule.note}).`,
  )
}

function host(env: Environment): string {
  const value = text(env, 'HOST') ?? '127.0.0.1'
  if (/^[0-9A-Za-z._:%-]+$/.test(value)) return value
  throw new StartFailure(
    `HOST is ${shown(value)}; it must be an address or a name of this machine, such as 127.0.0.1 or 0.0.0.0.`,
  )
}

function secret(env: Environment, name: string): string | undefined {
  const value = text(env, name)
  const problem = value === undefined ? undefined : apiKeyProblem(value)
  if (problem) throw new StartFailure(`${name} ${problem}`)
  return value
}

function origins(env: Environment): readonly string[] {
  const listed = (text(env, 'TIDINGS_ORIGINS') ?? '').split(',').map((origin) => origin.trim())
  const given = listed.filter((origin) => origin !== '')
  for (const origin of given) {
    const problem = originProblem(origin)
    if (problem) throw new StartFailure(`In TIDINGS_ORIGINS, ${problem} Separate several by commas.`)
  }
  return given
}

function logLevel(env: Environment): LogLevel {
  const value = text(env, 'LOG_LEVEL')
  if (value === undefined) return 'info'
  const level = logLevels.find((name) => name === value.toLowerCase())
  if (level) return level
  throw new StartFailure(`LOG_LEVEL is ${shown(value)}; it must be one of ${logLevels.join(', ')}.`)
}

const shown = (value: string) => JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
