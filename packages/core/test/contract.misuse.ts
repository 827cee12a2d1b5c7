// What the contract's types must refuse. Nothing here runs: the type check is the test. A line under @ts-expect-error
// that compiles is an error itself, so a type that gets looser fails the build. The same for Zod and for Valibot.

import {
  type AnyDefinition,
  type CallInput,
  type CallName,
  type CallOutput,
  type ChannelRef,
  channel,
  defineContract,
  type EventData,
  type EventInput,
  type EventName,
  type PresenceInput,
  type PresenceState,
  type SignalData,
  type SignalName,
  type StateOf,
} from '@tidings/core'
import * as v from 'valibot'
import { z } from 'zod'

/** True only for the same type: `any` is the same as nothing but itself. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

// The shape of every publish, handler, selector and call, on either end.
declare function publish<D extends AnyDefinition, N extends EventName<D>>(
  ref: ChannelRef<D>,
  name: N,
  data: EventInput<D, N>,
): void
declare function on<D extends AnyDefinition, N extends EventName<D>>(
  ref: ChannelRef<D>,
  name: N,
  handler: (data: EventData<D, N>) => void,
): void
declare function select<D extends AnyDefinition, S>(ref: ChannelRef<D>, selector: (state: StateOf<D>) => S): S
declare function enter<D extends AnyDefinition>(ref: ChannelRef<D>, state: PresenceInput<D>): PresenceState<D>
declare function onSignal<D extends AnyDefinition, N extends SignalName<D>>(
  ref: ChannelRef<D>,
  name: N,
  handler: (data: SignalData<D, N>) => void,
): void
declare function call<D extends AnyDefinition, N extends CallName<D>>(
  ref: ChannelRef<D>,
  name: N,
  input: CallInput<D, N>,
): CallOutput<D, N>

interface Board {
  readonly total: number
}

export function zodMisuse() {
  const study = channel('study/:course/:room', {
    events: {
      scored: z.object({ points: z.number() }),
      ended: z.object({ at: z.string().transform((text) => new Date(text)) }),
    },
    state: {
      version: 1,
      initial: { total: 0 } as Board,
      on: {
        scored: (board, { points }) => ({ total: board.total + points }),
        // @ts-expect-error: no such event
        lost: (board: Board) => board,
      },
    },
    signals: { typing: z.object({ isOn: z.boolean() }) },
    presence: z.object({ name: z.string() }),
    calls: { grade: { input: z.object({ text: z.string() }), output: z.object({ grade: z.number() }) } },
  })
  const ref = study({ course: 'biology', room: '42' })

  // References take exactly the parameters of their pattern, as text.
  // @ts-expect-error: `room` is missing
  study({ course: 'biology' })
  // @ts-expect-error: parameters are missing altogether
  study()
  // @ts-expect-error: a parameter is text
  study({ course: 'biology', room: 42 })
  // @ts-expect-error: the pattern has no `seat`
  study({ course: 'biology', room: '42', seat: 'a' })
  // @ts-expect-error: a name is not a reference
  publish('study/biology/42', 'scored', { points: 1 })
  // @ts-expect-error: nor is a kind of channel
  publish(study, 'scored', { points: 1 })

  // Writes take what the schema takes in.
  publish(ref, 'ended', { at: '2026-01-01' })
  // @ts-expect-error: no such event
  publish(ref, 'lost', { points: 1 })
  // @ts-expect-error: `points` is a number
  publish(ref, 'scored', { points: '1' })
  // @ts-expect-error: `points` is missing
  publish(ref, 'scored', {})
  // @ts-expect-error: the event has no `point`
  publish(ref, 'scored', { points: 1, point: 1 })
  // @ts-expect-error: what the schema gives out is not what it takes in
  publish(ref, 'ended', { at: new Date() })

  // Handlers are given what the schema gives out.
  on(ref, 'ended', ({ at }) => true satisfies Same<typeof at, Date>)
  // @ts-expect-error: no such event
  on(ref, 'lost', () => undefined)
  // @ts-expect-error: a Date has no `length`
  on(ref, 'ended', ({ at }) => at.length)
  // @ts-expect-error: the event has no `point`
  on(ref, 'scored', ({ point }) => point)
  // @ts-expect-error: `points` is a number
  on(ref, 'scored', (data: { points: string }) => data)

  // A fold's literals are those of the state, without a type written beside them.
  channel('task/:id', {
    events: { done: z.object({ by: z.string() }) },
    state: {
      version: 1,
      initial: {} as Readonly<Record<string, { readonly status: 'open' | 'done' }>>,
      on: { done: (tasks, { by }) => ({ ...tasks, [by]: { ...tasks[by], status: 'done' } }) },
    },
  })
  channel('task/:id', {
    events: { done: z.object({ by: z.string() }) },
    state: {
      version: 1,
      initial: {} as Readonly<Record<string, { readonly status: 'open' | 'done' }>>,
      // @ts-expect-error: the state has no status `finished`
      on: { done: (tasks, { by }) => ({ ...tasks, [by]: { status: 'finished' } }) },
    },
  })

  // Selectors are given the state that the fold makes.
  true satisfies Same<StateOf<typeof study.definition>, Board>
  select(ref, (board) => board.total.toFixed())
  // @ts-expect-error: the state has no `sum`
  select(ref, (board) => board.sum)
  // @ts-expect-error: `total` is a number
  select(ref, (board) => board.total).length

  // Presence, signals and calls.
  enter(ref, { name: 'Ada' }).name.trim()
  // @ts-expect-error: members have no `nick`
  enter(ref, { name: 'Ada' }).nick
  // @ts-expect-error: `name` is text
  enter(ref, { name: 1 })
  // @ts-expect-error: no such signal
  onSignal(ref, 'waving', () => undefined)
  // @ts-expect-error: the signal has no `isOff`
  onSignal(ref, 'typing', ({ isOff }) => isOff)
  call(ref, 'grade', { text: '' }).grade.toFixed()
  // @ts-expect-error: no such call
  call(ref, 'mark', { text: '' })
  // @ts-expect-error: `text` is text
  call(ref, 'grade', { text: 1 })
  // @ts-expect-error: the answer has no `mark`
  call(ref, 'grade', { text: '' }).mark
}

export function valibotMisuse() {
  const study = channel('study/:room', {
    events: {
      scored: v.object({ points: v.number() }),
      ended: v.object({
        at: v.pipe(
          v.string(),
          v.transform((text) => new Date(text)),
        ),
      }),
    },
    state: {
      version: 1,
      initial: { total: 0 } as Board,
      on: { scored: (board, { points }) => ({ total: board.total + points }) },
    },
    signals: { typing: v.object({ isOn: v.boolean() }) },
    presence: v.object({ name: v.string() }),
    calls: { grade: { input: v.object({ text: v.string() }), output: v.object({ grade: v.number() }) } },
  })
  const ref = study({ room: '42' })

  publish(ref, 'ended', { at: '2026-01-01' })
  // @ts-expect-error: no such event
  publish(ref, 'lost', { points: 1 })
  // @ts-expect-error: `points` is a number
  publish(ref, 'scored', { points: '1' })
  // @ts-expect-error: what the schema gives out is not what it takes in
  publish(ref, 'ended', { at: new Date() })
  on(ref, 'ended', ({ at }) => true satisfies Same<typeof at, Date>)
  // @ts-expect-error: the event has no `point`
  on(ref, 'scored', ({ point }) => point)
  true satisfies Same<StateOf<typeof study.definition>, Board>
  // @ts-expect-error: the state has no `sum`
  select(ref, (board) => board.sum)
  // @ts-expect-error: `name` is text
  enter(ref, { name: 1 })
  // @ts-expect-error: members have no `nick`
  enter(ref, { name: 'Ada' }).nick
  // @ts-expect-error: the signal has no `isOff`
  onSignal(ref, 'typing', ({ isOff }) => isOff)
  // @ts-expect-error: the answer has no `mark`
  call(ref, 'grade', { text: '' }).mark
}

export function bareMisuse() {
  const bare = channel('bare', { events: { rung: z.object({}) } })
  bare()
  // @ts-expect-error: the pattern has no parameters
  bare({ room: '42' })
  // @ts-expect-error: nothing to select from where the contract declares no state
  select(bare(), (state) => state.total)
  true satisfies Same<StateOf<typeof bare.definition>, never>
  // @ts-expect-error: no signals are declared
  onSignal(bare(), 'typing', () => undefined)
  // @ts-expect-error: no calls are declared
  call(bare(), 'grade', {})

  channel('bad/:state', {
    events: { scored: z.object({ points: z.number() }) },
    // @ts-expect-error: a fold gives back the state that it was given
    state: { version: 1, initial: { total: 0 }, on: { scored: () => 'none' } },
  })
  channel('bad/:event', {
    // @ts-expect-error: an event has a schema
    events: { scored: { points: 'number' } },
  })

  const contract = defineContract({ bare })
  contract.channels.bare()
  // @ts-expect-error: the contract has no such channel
  contract.channels.study
  // @ts-expect-error: a contract is made of kinds of channels, not of references
  defineContract({ bare: bare() })
}
