'use client'
// Signals: what matters only now, to those who are here now (a cursor, somebody typing). Never stored, never queued,
// never renders.

import type { AnyDefinition, SignalData, SignalInput, SignalName } from '@tidings/core'
import { useCallback, useEffect } from 'react'
import { required, type Skippable, useHandle } from './use-handle.ts'
import { useLatest } from './use-latest.ts'

/**
 * Returns a function that sends the signal, the same one as long as the channel is; the latest value wins and what
 * cannot be sent now is dropped. With a `handler`, hears the others' signals while the component is mounted; `from` is
 * the sender's member id in usePresence.
 *
 * @example
 * const sendTyping = useSignal(hello({ room }), 'typing', (_, from) => markTyping(from))
 * return <input onInput={() => sendTyping({ isTyping: true })} />
 */
export function useSignal<D extends AnyDefinition, N extends SignalName<D>>(
  ref: Skippable<D>,
  name: N,
  handler?: (data: SignalData<D, N>, from: string) => void,
): (data: SignalInput<D, N>) => void {
  const channel = useHandle(ref)
  const latest = useLatest(handler)
  const isListening = handler !== undefined
  useEffect(
    () => (isListening ? channel?.onSignal(name, (data, from) => latest.current?.(data, from)) : undefined),
    [channel, name, isListening, latest],
  )
  return useCallback((data) => required(channel, 'signal').signal(name, data), [channel, name])
}
