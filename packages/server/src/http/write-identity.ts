// What makes a retried POST recognisable: Idempotency-Key [HT3], or the three Producer headers [HT4].

import { TidingsError } from '@tidings/core'
import type { AppendIdentity } from '../broker.ts'
import type { HttpRequest } from './exchange.ts'

export interface WriteIdentityOptions {
  /** Whose keys and producers these are: the same name used by another writer is another one [AU7]. */
  readonly writer: string
  readonly body: string
  /** SHA-256 in hex. */
  readonly digest: (text: string) => string
}

/** Undefined when the request carries neither: each time it is sent it is appended anew. */
export function writeIdentity(
  request: HttpRequest,
  options: WriteIdentityOptions,
): AppendIdentity | undefined {
  const { writer, body, digest } = options
  const key = idempotencyKey(request.header('idempotency-key'))
  const producer = producerOf(request)
  if (key !== undefined && producer)
    throw wrong('idempotency-key', 'Send either Idempotency-Key or the Producer headers, not both.')
  // Digests have one length, and a list in JSON cannot be mistaken for another.
  if (key !== undefined)
    return { kind: 'key', key: digest(JSON.stringify([writer, key])), digest: digest(body) }
  if (!producer) return undefined
  return { kind: 'producer', ...producer, producer: digest(JSON.stringify([writer, producer.producer])) }
}

const RAW_KEY = /^[\x21\x23-\x2b\x2d-\x7e]{1,255}$/
const QUOTED_KEY = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"$/

/** As the header's draft has it, a quoted structured-field string, or plain: `"a"` and `a` are the same key. */
function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  if (RAW_KEY.test(header)) return header
  const quoted = QUOTED_KEY.exec(header)?.[1]
  if (quoted !== undefined) return quoted.replace(/\\(.)/g, '$1')
  throw wrong(
    'idempotency-key',
    'Idempotency-Key must be 1 to 255 visible ASCII characters, plain or in double quotes.',
  )
}

function producerOf(
  request: HttpRequest,
): Omit<Extract<AppendIdentity, { kind: 'producer' }>, 'kind'> | undefined {
  const [id, epoch, sequence] = PRODUCER_HEADERS.map((name) => request.header(name))
  if (id === undefined && epoch === undefined && sequence === undefined) return undefined
  PRODUCER_HEADERS.forEach((name, i) => {
    if ([id, epoch, sequence][i] === undefined)
      throw wrong(name, `${name} is missing: the three Producer headers only work together.`)
  })
  if (!id || id.length > 255) throw wrong('producer-id', 'Producer-Id must be 1 to 255 characters.')
  const number = wholeNumber('producer-seq', sequence)
  return { producer: id, epoch: wholeNumber('producer-epoch', epoch), sequence: number, previous: number - 1 }
}

const PRODUCER_HEADERS = ['producer-id', 'producer-epoch', 'producer-seq'] as const

function wholeNumber(name: string, text: string | undefined): number {
  const number = text !== undefined && /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(number)) return number
  throw wrong(name, `${name} must be a whole number from 0 to 9007199254740991.`)
}

const wrong = (field: string, message: string) => new TidingsError('bad-request', message, { field })
