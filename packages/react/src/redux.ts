'use client'
// A channel's events as actions for Redux Toolkit, or anything else that dispatches: typed by the contract.

import type { Channel, EventInfo, Reset } from '@tidings/client'
import type { AnyDefinition, Cancel, ChannelKind, EventData, EventName, StateOf } from '@tidings/core'

/** Where an action comes from: plain values, so that it can be logged, stored and replayed. */
export interface ChannelMeta {
  readonly channel: string
  readonly params: Readonly<Record<string, string>>
}

/** One entry of a channel, as an action. */
export interface EventAction<Type extends string, Payload> {
  readonly type: Type
  readonly payload: Payload
  readonly meta: ChannelMeta & EventInfo
}

interface ActionCreator<Action extends { readonly type: string }, Args extends readonly unknown[]> {
  (...args: Args): Action
  readonly type: Action['type']
  match(action: { readonly type: unknown }): action is Action
}

type EventActions<D extends AnyDefinition> = {
  readonly [N in EventName<D>]: ActionCreator<
    EventAction<`${D['pattern']}/${N}`, EventData<D, N>>,
    [payload: EventData<D, N>, meta: ChannelMeta & EventInfo]
  >
}

/** Action creators for one kind of channel: cases of a reducer, or matchers of a listener. */
export interface ChannelActions<D extends AnyDefinition> {
  readonly events: EventActions<D>
  /** The channel's state has changed. */
  readonly stateChanged: ActionCreator<
    { readonly type: `${D['pattern']}#state`; readonly payload: StateOf<D>; readonly meta: ChannelMeta },
    [payload: StateOf<D>, meta: ChannelMeta]
  >
  /** History is missing for good: what was built from events has to be loaded anew. */
  readonly reset: ActionCreator<
    { readonly type: `${D['pattern']}#reset`; readonly payload: Reset; readonly meta: ChannelMeta },
    [payload: Reset, meta: ChannelMeta]
  >
}

/**
 * The actions of one kind of channel.
 *
 * @example
 * const { events } = channelActions(jobs)
 *
 * const slice = createSlice({
 *   name: 'jobs',
 *   initialState: { items: [] as Job[] },
 *   reducers: {},
 *   extraReducers: (builder) => builder.addCase(events.recommended, (state, { payload }) => void state.items.push(payload)),
 * })
 */
export function channelActions<D extends AnyDefinition>(kind: ChannelKind<D>): ChannelActions<D> {
  const { pattern, events } = kind.definition
  const creators = Object.keys(events).map((name) => [name, creatorOf(`${pattern}/${name}`)])
  // The contract's types say what each of them carries.
  return {
    events: Object.fromEntries(creators),
    stateChanged: creatorOf(`${pattern}#state`),
    reset: creatorOf(`${pattern}#reset`),
  } as unknown as ChannelActions<D>
}

function creatorOf(type: string) {
  const create = (payload: unknown, meta: unknown) => ({ type, payload, meta })
  return Object.assign(create, { type, match: (action: { readonly type: unknown }) => action.type === type })
}

/**
 * Dispatches every event of the channel as an action, each once and in order, and its state and resets, until the
 * returned function is called. Holds the channel.
 *
 * @example
 * const stop = bindDispatch(store.dispatch, client.channel(jobs()))
 *
 * // The tags of RTK Query, made stale by an event:
 * listener.startListening({
 *   actionCreator: channelActions(jobs).events.recommended,
 *   effect: (_, { dispatch }) => void dispatch(api.util.invalidateTags(['Jobs'])),
 * })
 */
export function bindDispatch<D extends AnyDefinition>(
  dispatch: (action: {
    readonly type: string
    readonly payload: unknown
    readonly meta: ChannelMeta
  }) => unknown,
  channel: Channel<D>,
): Cancel {
  const { name, params, definition } = channel.ref
  const { pattern } = definition
  const meta: ChannelMeta = { channel: name, params }
  const showState = () => {
    const payload = channel.state.get()
    if (payload !== undefined) dispatch({ type: `${pattern}#state`, payload, meta })
  }
  showState()
  const stops = [
    channel.onAny(({ name: event, data, ...info }) =>
      dispatch({ type: `${pattern}/${event}`, payload: data, meta: { ...meta, ...info } as ChannelMeta }),
    ),
    channel.onReset((payload) => dispatch({ type: `${pattern}#reset`, payload, meta })),
    channel.state.subscribe(showState),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
