// Typed request and reply. A call waits for a connection, is sent once, and never again: whether a call whose answer
// was lost took effect is for the app to find out.

import { type Schema, TidingsError, validateOrThrow } from '@tidings/core'
import type { Link } from './link.ts'
import { type Answer, problemOf } from './requests.ts'

export interface CallOptions {
  /** How long to wait for the answer, and for a connection before, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number | undefined
  /** Stops waiting; the call rejects with the signal's reason. The server is not told. */
  readonly signal?: AbortSignal | undefined
}

export interface CallRequest extends CallOptions {
  readonly channel: string
  readonly name: string
  /** The input as JSON. */
  readonly text: string
  readonly output: Schema
}

interface Call {
  readonly request: CallRequest
  readonly settle: (outcome: { readonly value: unknown } | { readonly error: unknown }) => void
  /** Its number, once it was sent. */
  id: number | undefined
}

/** Longer than a server with default limits lets a handler take: its own answer comes first. */
const TIMEOUT_MS = 15_000
/** Calls that may wait for their answer, or for a connection. */
const MAX_OPEN = 256

export class Calls {
  readonly #link: Link
  readonly #open = new Set<Call>()

  constructor(link: Link) {
    this.#link = link
  }

  call(request: CallRequest): Promise<unknown> {
    const { channel, name, signal, timeoutMs = TIMEOUT_MS } = request
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (this.#open.size >= MAX_OPEN)
        throw this.#error('unavailable', `${MAX_OPEN} calls wait already`, channel)
      const stopTimer = this.#link.clock.setTimer(timeoutMs, () => {
        const error = call.id
          ? this.#error('timeout', `The call "${name}" was not answered within ${timeoutMs} ms`, channel)
          : this.#error(
              'unavailable',
              `The call "${name}" found no connection within ${timeoutMs} ms and was not sent`,
              channel,
            )
        call.settle({ error })
      })
      const abort = () => call.settle({ error: signal?.reason })
      const call: Call = {
        request,
        id: undefined,
        settle: (outcome) => {
          if (!this.#open.delete(call)) return
          stopTimer()
          this.#link.requests.drop(call.id)
          signal?.removeEventListener('abort', abort)
          if ('value' in outcome) resolve(outcome.value)
          else reject(outcome.error)
        },
      }
      signal?.addEventListener('abort', abort)
      this.#open.add(call)
      this.#link.want()
      this.#link.schedule()
    })
  }

  /** Sends what is due. */
  sync(): void {
    for (const call of this.#open) {
      if (call.id) continue
      const { channel, name, text } = call.request
      const id = (call.id = this.#link.requests.open((answer) => this.#answered(call, answer)))
      this.#link.send(
        `{"type":"call","id":${id},"channel":${JSON.stringify(channel)},"name":${JSON.stringify(name)},"data":${text}}`,
      )
    }
  }

  /** The connection has ended: what was sent over it gets no answer. */
  dropped(): void {
    for (const call of this.#open) {
      const { name, channel } = call.request
      if (call.id)
        call.settle({
          error: this.#error('timeout', `The connection ended before "${name}" was answered`, channel),
        })
    }
  }

  /** No connection is coming. */
  stop(): void {
    for (const call of this.#open) {
      const { name, channel } = call.request
      call.settle({
        error: this.#error(
          'unavailable',
          `The client was disconnected before "${name}" was answered`,
          channel,
        ),
      })
    }
  }

  #answered({ request, settle }: Call, answer: Answer): void {
    const { name, channel, output } = request
    if (answer.type !== 'reply') return settle({ error: problemOf(answer) })
    try {
      settle({ value: validateOrThrow(output, answer.data, { root: name, code: 'invalid-data', channel }) })
    } catch (error) {
      settle({ error })
    }
  }

  #error(code: 'timeout' | 'unavailable', message: string, channel: string): TidingsError {
    return new TidingsError(code, `${message}.`, { channel })
  }
}
