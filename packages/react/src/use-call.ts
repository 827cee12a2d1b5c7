'use client'
// Calls: a question to the server and its answer. How the answer is shown is React's business: useTransition,
// useActionState and Suspense all take a promise.

import type { CallOptions } from '@tidings/client'
import type { AnyDefinition, CallInput, CallName, CallOutput } from '@tidings/core'
import { useCallback } from 'react'
import { required, type Skippable, useHandle } from './use-handle.ts'

/**
 * Returns a function that asks the server and resolves with its answer; the same one as long as the channel is. Rejects
 * with a TidingsError. A call goes on when the component is unmounted; pass an `AbortSignal` to give it up.
 *
 * @example
 * const join = useCall(quiz({ id }), 'join')
 * const [seat, joinQuiz, isPending] = useActionState(() => join({ name }), undefined)
 */
export function useCall<D extends AnyDefinition, N extends CallName<D>>(
  ref: Skippable<D>,
  name: N,
): (input: CallInput<D, N>, options?: CallOptions) => Promise<CallOutput<D, N>> {
  const channel = useHandle(ref)
  return useCallback(
    async (input, options) => required(channel, 'call').call(name, input, options),
    [channel, name],
  )
}
