'use client'
// Who is here, and this client among them. The server owns the list; an update, a reconnect and a remount are no
// leaving and coming back.

import type { AnyDefinition, PresenceInput, PresenceState } from '@tidings/core'
import { useEffect, useMemo } from 'react'
import { NOBODY, type PresenceView, rosterOf } from './roster.ts'
import { useClient } from './use-client.ts'
import { type Skippable, useHandle } from './use-handle.ts'
import { useLatest } from './use-latest.ts'
import { itself, useSource } from './use-source.ts'

/** Takes no channel whose contract declares no presence; the text is what the editor shows. */
export type WithPresence<D extends AnyDefinition> = D['presence'] extends undefined
  ? 'The contract declares no presence for this channel.'
  : unknown

/**
 * Who is in the channel; renders when that changes. With `myState` this client is one of them while the component is
 * mounted: a changed state is an update, an unmount leaves. Without it, it only looks on. With a `selector`, only what
 * it picks, and a render only when that changes by `isEqual` (default `Object.is`).
 *
 * A state that the schema refuses enters nobody, and is reported as an uncaught error.
 *
 * @example
 * const { others, total } = usePresence(hello({ room }), { name, isTyping })
 * const total = usePresence(hello({ room }), undefined, (presence) => presence.total)
 */
export function usePresence<D extends AnyDefinition>(
  ref: Skippable<D> & WithPresence<D>,
  myState?: PresenceInput<D>,
): PresenceView<PresenceState<D>>
export function usePresence<D extends AnyDefinition, S>(
  ref: Skippable<D> & WithPresence<D>,
  myState: PresenceInput<D> | undefined,
  selector: (presence: PresenceView<PresenceState<D>>) => S,
  isEqual?: (a: S, b: S) => boolean,
): S
export function usePresence<D extends AnyDefinition, S>(
  ref: Skippable<D>,
  myState?: PresenceInput<D>,
  selector: (presence: PresenceView<PresenceState<D>>) => S = itself as (
    presence: PresenceView<PresenceState<D>>,
  ) => S,
  isEqual?: (a: S, b: S) => boolean,
): S {
  const channel = useHandle(ref)
  const latest = useLatest(myState)
  // A state goes over the wire as JSON: the same text is the same state, however often it is written inline.
  const text = myState === undefined ? undefined : JSON.stringify(myState)
  useEffect(() => {
    if (!channel || text === undefined) return undefined
    try {
      // Leaving and entering within one turn is no leaving: neither StrictMode nor a changed state takes anybody away.
      return channel.enter(latest.current as PresenceInput<D>)
    } catch (error) {
      // A name that is too long is no reason to take the page down.
      if (typeof reportError === 'function') reportError(error)
      else console.error(error)
      return undefined
    }
  }, [channel, text, latest])

  const client = useClient()
  const roster = useMemo(() => channel && rosterOf(client, channel.presence), [client, channel])
  return useSource(roster, NOBODY, selector, isEqual)
}
