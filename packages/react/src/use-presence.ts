'use client'
// Who is here, and this client among them. The server owns the list; an update, a reconnect and a remount are no
// leaving and coming back.

import type { Member, Presence } from '@tidings/client'
import type { AnyDefinition, PresenceInput, PresenceState } from '@tidings/core'
import { useCallback, useEffect } from 'react'
import { type Skippable, useHandle } from './use-handle.ts'
import { useLatest } from './use-latest.ts'
import { itself, useSource } from './use-source.ts'
import { useYou } from './use-you.ts'

export interface PresenceView<State> extends Presence<State> {
  /** This client, once it has entered; undefined before, and where only totals are sent. */
  readonly self: Member<State> | undefined
  /** Everybody but this client. */
  readonly others: readonly Member<State>[]
}

/** Takes no channel whose contract declares no presence; the text is what the editor shows. */
export type WithPresence<D extends AnyDefinition> = D['presence'] extends undefined
  ? 'The contract declares no presence for this channel.'
  : unknown

const NOBODY: Presence<never> = { total: 0, members: [], isComplete: false }

/**
 * Who is in the channel; renders when that changes. With `myState` this client is one of them while the component is
 * mounted: a changed state is an update, an unmount leaves. Without it, it only looks on. With a `selector`, only what
 * it picks, and a render only when that changes by `isEqual` (default `Object.is`).
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
    // Leaving and entering within one turn is no leaving: neither StrictMode nor a changed state takes anybody away.
    return text === undefined ? undefined : channel?.enter(latest.current as PresenceInput<D>)
  }, [channel, text, latest])

  const you = useYou()
  const select = useCallback(
    (presence: Presence<PresenceState<D>>) => selector(seenBy(you, presence)),
    [selector, you],
  )
  return useSource(channel?.presence, NOBODY, select, isEqual)
}

const seenBy = <State>(you: string | undefined, presence: Presence<State>): PresenceView<State> => ({
  ...presence,
  self: presence.members.find(({ id }) => id === you),
  others: presence.members.filter(({ id }) => id !== you),
})
