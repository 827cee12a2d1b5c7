// The server's HTTP resources as the commands need them: where it is, who asks, and answers turned into values or errors.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ErrorCode, isErrorCode, TidingsError } from '@tidings/core'
import { type CommandInput, type Option, UsageError } from './command.ts'
import type { Io } from './io.ts'

export const addressOptions: Readonly<Record<string, Option>> = {
  url: { value: '<address>', help: 'the server (TIDINGS_URL, else http://127.0.0.1:4000)' },
  key: {
    value: '<key>',
    help: 'an API key or a token (TIDINGS_API_KEY, else, on this machine, the key in .tidings)',
  },
}

/** There was no answer, or it broke off: whoever asked may ask again. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** How long a server may take to begin its answer, in milliseconds. */
const ANSWER_MS = 15_000

export class Api {
  readonly origin: string
  readonly #key: string | undefined
  readonly #io: Io

  /** Throws UsageError for an address that is none. */
  constructor(input: CommandInput, io: Io) {
    const url = readAddress(input.text('url') ?? (io.env.TIDINGS_URL || 'http://127.0.0.1:4000'))
    this.origin = url.origin + url.pathname.replace(/\/+$/, '')
    this.#key =
      input.text('key') ?? (io.env.TIDINGS_API_KEY || (isThisMachine(url) ? keyOfDataFolder(io) : undefined))
    this.#io = io
  }

  /**
   * Asks the server. Resolves with an answer of 200 or 201; any other is a TidingsError whose `retry` says whether the
   * same may be asked again, and none at all is a NoAnswer.
   */
  async request(
    channel: string,
    query: Readonly<Record<string, string>>,
    init: RequestInit,
  ): Promise<Response> {
    const search = new URLSearchParams(query).toString()
    const address = `${this.origin}/v1/channels/${encodeURIComponent(channel)}/events${search && `?${search}`}`
    const headers = new Headers(init.headers)
    if (this.#key !== undefined) headers.set('authorization', `Bearer ${this.#key}`)
    const late = new AbortController()
    const cancel = this.#io.clock.setTimer(ANSWER_MS, () => late.abort())
    const signal = AbortSignal.any([this.#io.stop, late.signal, ...(init.signal ? [init.signal] : [])])
    let response: Response
    try {
      response = await fetch(address, { ...init, headers, signal, redirect: 'error' })
    } catch (error) {
      this.#io.stop.throwIfAborted()
      const why = late.signal.aborted
        ? `gave no answer for ${ANSWER_MS / 1_000} seconds`
        : `cannot be reached (${causeOf(error)})`
      throw new NoAnswer(`The server at ${this.origin} ${why}.`, { cause: error })
    } finally {
      cancel()
    }
    if (response.ok) return response
    throw await this.#problem(response, channel)
  }

  /** Who does not know the key may be another server than the one that was meant: the message names it. */
  async #problem(response: Response, channel: string): Promise<TidingsError> {
    const problem = await readProblem(response, channel, this.#io.clock.now())
    if (problem.code !== 'unauthenticated') return problem
    return new TidingsError(problem.code, `${problem.message} The server is ${this.origin}.`, { channel })
  }
}

function readAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new UsageError(
    `The server's address is "${text}"; it must begin with http:// or https://, as http://127.0.0.1:4000 does.`,
  )
}

const isThisMachine = (url: URL) => ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)

/** The key that a server started in this folder made for itself. It is sent to no other machine. */
function keyOfDataFolder(io: Io): string | undefined {
  try {
    return readFileSync(join(io.env.TIDINGS_DATA || '.tidings', 'api-key'), 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (code === 'ENOTFOUND') return 'there is no such host'
  return code || (cause instanceof Error ? cause.message : String(cause))
}

/**
 * The position in an answer. Another program at the same address may answer 200 as well, and must not pass for a server
 * that has accepted something.
 */
export async function readPosition(
  response: Response,
): Promise<{ readonly position: string; readonly isDuplicate: boolean }> {
  const { position, duplicate } = await readFields(response)
  if (typeof position === 'string') return { position, isDuplicate: duplicate === true }
  throw notOurs()
}

/** Not a TidingsError: those speak for a server of ours. */
export function notOurs(): Error {
  return new Error('What answered is not a Tidings server; is another program at this address?')
}

/** The fields of a JSON object; none where the body is anything else. */
async function readFields(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const value: unknown = await response.json().catch(() => undefined)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

async function readProblem(response: Response, channel: string, now: number): Promise<TidingsError> {
  return problemError(await readFields(response), {
    channel,
    status: response.status,
    retryAfterMs: readRetryAfter(response.headers.get('retry-after'), now),
  })
}

export interface ProblemContext {
  readonly channel: string
  /** Of the answer, for those that are no problem details: a proxy's, say. */
  readonly status?: number
  readonly retryAfterMs: number | undefined
}

/** Problem details (RFC 9457) as the error they were made from; anything else by its status. */
export function problemError(
  problem: Readonly<Record<string, unknown>>,
  { channel, status = 500, retryAfterMs }: ProblemContext,
): TidingsError {
  const said = (key: string) => (typeof problem[key] === 'string' ? problem[key] : undefined)
  const code = said('code')
  return new TidingsError(
    code !== undefined && isErrorCode(code) ? code : codeOfStatus(status),
    said('detail') ?? `The server answered with status ${status}.`,
    { channel, field: said('field'), retryAfterMs },
  )
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not-found'
  if (status === 429) return 'rate-limited'
  return status === 408 || status >= 500 ? 'unavailable' : 'bad-request'
}

function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}
