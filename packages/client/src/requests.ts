// Requests that wait for their answer, by number.

import { isErrorCode, type ServerFrame, TidingsError } from '@tidings/core'

/** Frames that answer a request. */
export type Answer = Extract<
  ServerFrame,
  { readonly type: 'subscribed' | 'unsubscribed' | 'ack' | 'error' | 'entered' | 'reply' }
>
export type OnAnswer = (answer: Answer) => void

export class Requests {
  readonly #open = new Map<number, OnAnswer>()
  #last = 0

  /** The number for a request; its answer goes to `onAnswer`, unless the connection ends, or nobody waits any more. */
  open(onAnswer?: OnAnswer): number {
    this.#last++
    if (onAnswer) this.#open.set(this.#last, onAnswer)
    return this.#last
  }

  /** Nobody waits for this answer any more: it need not be remembered for a server that never gives it. */
  drop(id: number | undefined): void {
    if (id !== undefined) this.#open.delete(id)
  }

  /** Answers that come too late, or to nothing, are dropped. */
  answer(id: number, answer: Answer): void {
    const onAnswer = this.#open.get(id)
    this.#open.delete(id)
    onAnswer?.(answer)
  }

  /** The connection has ended: nothing that was asked on it is answered any more. */
  forget(): void {
    this.#open.clear()
  }
}

/** What an answer says is wrong; an answer of another kind than the request's is wrong in itself. */
export function problemOf(answer: Answer): TidingsError {
  if ('code' in answer && answer.code !== undefined) {
    const { code, message = 'The server gave no reason.', channel } = answer
    const details = answer.type === 'error' ? answer : { channel }
    return new TidingsError(isErrorCode(code) ? code : 'internal', message, details)
  }
  return new TidingsError(
    'internal',
    `The server answered with ${answer.type}, which does not fit the request.`,
  )
}
