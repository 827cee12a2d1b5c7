'use client'
// A channel bound to a store of Zustand, or of any library whose stores have the same two functions.

import type { Channel, EventInfo } from '@tidings/client'
import type { AnyDefinition, Cancel, EventData, EventName, StateOf } from '@tidings/core'

/** What is needed of a store. */
export interface BindableStore<S> {
  getState(): S
  setState(partial: Partial<S>): void
}

export interface StoreBinding<S, D extends AnyDefinition> {
  /** What the store holds of the channel's state, now and whenever that changes. */
  readonly state?: ((state: StateOf<D>, store: S) => Partial<S>) | undefined
  /** What an event changes in the store; each event once, in order. Returning nothing changes nothing. */
  readonly on?:
    | {
        readonly [N in EventName<D>]?: (
          store: S,
          data: EventData<D, N>,
          event: EventInfo,
        ) => Partial<S> | undefined
      }
    | undefined
  /** Called when history is missing for good: what the store built from events has to be loaded anew. */
  readonly onReset?: ((store: S) => void) | undefined
}

/**
 * Lets a channel write into a store until the returned function is called. Holds the channel.
 *
 * @example
 * const useJobs = create(() => ({ items: [] as readonly Job[], unseen: 0 }))
 *
 * bindStore(useJobs, client.channel(jobs()), {
 *   state: (state) => ({ items: state.items }),
 *   on: { recommended: ({ unseen }, _, { origin }) => (origin === 'live' ? { unseen: unseen + 1 } : undefined) },
 * })
 */
export function bindStore<S, D extends AnyDefinition>(
  store: BindableStore<S>,
  channel: Channel<D>,
  { state, on = {}, onReset }: StoreBinding<S, D>,
): Cancel {
  const showState = () => {
    const value = channel.state.get()
    if (state && value !== undefined) store.setState(state(value, store.getState()))
  }
  showState()
  const stops = [
    channel.hold(),
    ...(state ? [channel.state.subscribe(showState)] : []),
    ...(onReset ? [channel.onReset(() => onReset(store.getState()))] : []),
    ...(Object.keys(on) as EventName<D>[]).map((name) =>
      channel.on(name, (data, event) => {
        const change = on[name]?.(store.getState(), data, event)
        if (change) store.setState(change)
      }),
    ),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
