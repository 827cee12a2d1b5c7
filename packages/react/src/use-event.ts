'use client'
// Events as they happen, for what is done rather than shown: a toast, a sound, a query to invalidate. Never renders.

import type { AnyEvent, EventInfo } from '@tidings/client'
import type { AnyDefinition, EventData, EventName } from '@tidings/core'
import { useEffect } from 'react'
import { type Skippable, useHandle } from './use-handle.ts'
import { useLatest } from './use-latest.ts'

/**
 * Calls `handler` for every event of that name, each once and in order, while the component is mounted. It is always
 * the handler of the latest render: it may read props and state, needs no dependencies, and changing it subscribes to
 * nothing anew. `'*'` stands for every event of the contract. A component inside a hidden `<Activity>`
 * hears nothing; what must not be missed belongs into the contract's `state`.
 *
 * `event.origin` tells history from news: celebrate what is `live`, count what is `replay`, and leave out the `echo`
 * of this client's own write. What is meant for the person rather than for each of their tabs goes through
 * `oncePerPerson` of `@tidings/client/tabs`.
 *
 * @example
 * useEvent(course({ id }), 'badge-earned', ({ title }, { origin }) => {
 *   if (origin === 'live') toast(`You earned “${title}”`)
 * })
 */
export function useEvent<D extends AnyDefinition, N extends EventName<D>>(
  ref: Skippable<D>,
  name: N,
  handler: (data: EventData<D, N>, event: EventInfo) => void,
): void
export function useEvent<D extends AnyDefinition>(
  ref: Skippable<D>,
  name: '*',
  handler: (event: AnyEvent<D>) => void,
): void
export function useEvent<D extends AnyDefinition>(
  ref: Skippable<D>,
  name: EventName<D> | '*',
  // The two forms above say which of the arguments a handler gets.
  handler: ((data: never, event: EventInfo) => void) | ((event: AnyEvent<D>) => void),
): void {
  const channel = useHandle(ref)
  const latest = useLatest(handler as (...args: readonly unknown[]) => void)
  useEffect(
    () =>
      name === '*'
        ? channel?.onAny((event) => latest.current(event))
        : channel?.on(name, (data, event) => latest.current(data, event)),
    [channel, name, latest],
  )
}
