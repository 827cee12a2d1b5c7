'use client'
// The state that a channel's events fold into, this client's own pending writes on top. Renders when what was selected
// from it changes, however many events caused that.

import type { AnyDefinition, StateOf } from '@tidings/core'
import { useCallback, useInsertionEffect } from 'react'
import { type Skippable, useHandle } from './use-handle.ts'
import { itself, useSource } from './use-source.ts'

/** Takes no channel whose contract declares no state; the text is what the editor shows. */
export type WithState<D extends AnyDefinition> = [StateOf<D>] extends [never]
  ? 'The contract declares no state for this channel.'
  : unknown

/**
 * The channel's state, typed by the fold in its contract; undefined until it is known, and on the server. A hidden
 * `<Activity>` that is shown again shows the state that it had, and catches up from there.
 *
 * With a `selector` the component renders only when its result changes by `isEqual` (default `Object.is`; `shallowEqual`
 * for a selector that makes an object or list). Both may be written inline.
 *
 * @example
 * const messages = useChannelState(hello({ room }))
 * const unread = useChannelState(inbox({ user }), (state) => state.items.filter((item) => !item.isRead).length)
 */
export function useChannelState<D extends AnyDefinition>(
  ref: Skippable<D> & WithState<D>,
): StateOf<D> | undefined
export function useChannelState<D extends AnyDefinition, S>(
  ref: Skippable<D> & WithState<D>,
  selector: (state: StateOf<D>) => S,
  isEqual?: (a: S, b: S) => boolean,
): S | undefined
export function useChannelState<D extends AnyDefinition, S>(
  ref: Skippable<D>,
  selector: (state: StateOf<D>) => S = itself as (state: StateOf<D>) => S,
  isEqual: (a: S, b: S) => boolean = Object.is,
): S | undefined {
  const channel = useHandle(ref)
  // Unlike other effects, these outlive the hiding of an `<Activity>`: shown again, it goes on from what it showed.
  useInsertionEffect(() => channel?.keep(), [channel])
  const select = useCallback(
    (state: StateOf<D> | undefined) => (state === undefined ? undefined : selector(state)),
    [selector],
  )
  const isSame = useCallback(
    (a: S | undefined, b: S | undefined) => (a === undefined || b === undefined ? a === b : isEqual(a, b)),
    [isEqual],
  )
  return useSource(channel?.state, undefined, select, isSame)
}
