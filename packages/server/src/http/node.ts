// Joins the resources to node:http: a request becomes a value, an answer becomes bytes. What a peer sends or leaves
// out can neither hold a socket for long nor fill memory.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Clock, TidingsError } from '@tidings/core'
import { addressGroup } from '../address.ts'
import type { Limits } from '../limits.ts'
import { type Answer, type HttpRequest, isStream, type StreamAnswer } from './exchange.ts'
import { headerOf, isEncrypted, splitTarget } from './head.ts'

export interface NodeHttpOptions {
  readonly clock: Clock
  readonly limits: Pick<Limits, 'bodyBytes' | 'helloTimeoutMs' | 'highWaterBytes'>
  readonly addressOf: (request: IncomingMessage) => string
}

/** How much of a refused body is swallowed, and for how long, so that its sender gets to read the answer. */
const SWALLOWED_BYTES = 4_194_304
const SWALLOWED_MS = 5_000
/** Requests of one connection that wait for the answers to earlier ones. Nobody who means well asks as often at once. */
const MOST_WAITING = 256

export function toHttpRequest(request: IncomingMessage, options: NodeHttpOptions): HttpRequest {
  const { path, query } = splitTarget(request.url ?? '/')
  const address = options.addressOf(request)
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    isSecure: isEncrypted(request),
    address,
    addressGroup: addressGroup(address),
    header: (name) => headerOf(request, name),
    text: () => readText(request, options),
  }
}

/** One connection's requests: whether one is being answered, and those that wait for it. */
interface Line {
  isBusy: boolean
  readonly waiting: (() => void)[]
}

const lines = new WeakMap<Duplex, Line>()

/**
 * Resolves when the answers to earlier requests of the same connection have left. They leave in order anyway; so a peer
 * that asks a hundred times at once, and does not read, makes one answer be kept ready and not a hundred. False: it asks
 * on and on behind an answer that never ends, and is hung up on.
 */
export async function turnOf(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const line = lines.get(request.socket) ?? newLine(request.socket)
  if (line.waiting.length >= MOST_WAITING) {
    request.socket.destroy()
    return false
  }
  if (line.isBusy) await new Promise<void>((resolve) => line.waiting.push(resolve))
  line.isBusy = true
  const leave = () => {
    const next = line.waiting.shift()
    if (next) next()
    else line.isBusy = false
  }
  if (response.destroyed || request.socket.destroyed) leave()
  else response.once('close', leave)
  return true
}

function newLine(socket: Duplex): Line {
  const line: Line = { isBusy: false, waiting: [] }
  lines.set(socket, line)
  socket.once('close', () => {
    for (const go of line.waiting.splice(0)) go()
  })
  return line
}

/** Writes the answer. The socket lives on for the next request unless the peer misbehaves. */
export function writeAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer | StreamAnswer,
  options: NodeHttpOptions,
): void {
  if (response.headersSent || response.destroyed) {
    if (isStream(answer)) answer.abandon()
    return
  }
  if (!request.complete) swallowRest(request, options.clock)
  // A peer that took too long over its body is not waited for again.
  if (answer.status === 408) response.setHeader('connection', 'close')
  response.on('error', ignore)
  if (isStream(answer)) return writeStream(response, answer, options)
  const { status, headers, body } = answer
  response.writeHead(
    status,
    status === 204 ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
  )
  response.end(body)
}

function writeStream(
  response: ServerResponse,
  { status, headers, open }: StreamAnswer,
  { limits }: NodeHttpOptions,
): void {
  response.writeHead(status, headers)
  response.flushHeaders()
  response.socket?.setNoDelay(true)
  const handlers = open({
    write: (text, flushed) => void (response.writable && response.write(text, flushed)),
    get bufferedBytes() {
      return response.writableLength
    },
    // Only after a write that asked to wait does `drain` follow, whatever the mark.
    get isFull() {
      return response.writableNeedDrain && response.writableLength > limits.highWaterBytes
    },
    end: () => void response.end(),
    destroy: () => void response.destroy(),
  })
  response.on('drain', () => handlers.drained())
  response.on('close', () => handlers.closed())
}

/** The whole body as text. Listens to the request only as long as the body is wanted. */
function readText(request: IncomingMessage, { clock, limits }: NodeHttpOptions): Promise<string> {
  if (request.readableEnded)
    throw new Error(
      'Something read the body before Tidings did: let Tidings handle requests before body parsers.',
    )
  const encoding = headerOf(request, 'content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    // Unpacking would let a small body become a large one.
    const message = `Bodies must come uncompressed; this one's Content-Encoding is "${encoding.slice(0, 40)}".`
    throw new TidingsError('unsupported-media-type', message, { field: 'content-encoding' })
  }
  if (Number(headerOf(request, 'content-length')) > limits.bodyBytes) throw tooLarge(limits.bodyBytes)
  return new Promise((resolve, reject) => {
    // One piece, whatever it comes in: a chunk of one byte would be kept in hundreds.
    let body = Buffer.alloc(0)
    let length = 0
    const stop = () => {
      cancel()
      request.off('data', take).off('end', finish).off('close', abandon)
    }
    const fail = (error: TidingsError) => {
      stop()
      reject(error)
    }
    const take = (chunk: Buffer) => {
      const grown = length + chunk.length
      if (grown > limits.bodyBytes) return fail(tooLarge(limits.bodyBytes))
      if (grown > body.length) body = Buffer.concat([body], Math.max(grown, 2 * length))
      chunk.copy(body, length)
      length = grown
    }
    const finish = () => {
      stop()
      try {
        resolve(new TextDecoder('utf-8', { fatal: true }).decode(body.subarray(0, length)))
      } catch {
        reject(new TidingsError('bad-request', 'The body is not UTF-8.'))
      }
    }
    const abandon = () => fail(new TidingsError('bad-request', 'The connection ended before the body did.'))
    const cancel = clock.setTimer(limits.helloTimeoutMs, () =>
      fail(
        new TidingsError(
          'request-timeout',
          `The body did not arrive whole within ${limits.helloTimeoutMs} ms.`,
        ),
      ),
    )
    request.on('data', take).on('end', finish).on('close', abandon)
  })
}

function tooLarge(maxBytes: number): TidingsError {
  return new TidingsError('too-large', `A body may have ${maxBytes} bytes; this one has more.`)
}

/**
 * An answer may be ready before the body has arrived. To close the connection now would often cost the peer the answer
 * (unread bytes make the kernel reset it), so the rest is read and thrown away, within bounds.
 */
function swallowRest(request: IncomingMessage, clock: Clock): void {
  let left = SWALLOWED_BYTES
  const cancel = clock.setTimer(SWALLOWED_MS, () => request.destroy())
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
  request.on('end', cancel).on('close', cancel).on('error', ignore)
  request.resume()
}

/** The peer is gone in the middle: `close` follows and does what is to be done. */
function ignore(): void {}
