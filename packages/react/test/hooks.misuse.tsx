// What the hooks' types must refuse. Nothing here runs: the type check is the test. A line under @ts-expect-error that
// compiles is an error itself, so a type that gets looser fails the build. The same for Zod and for Valibot.

import type { AnyEvent, Client, Member, Publication } from '@tidings/client'
import { channel } from '@tidings/core'
import {
  shallowEqual,
  TidingsProvider,
  useCall,
  useChannel,
  useChannelState,
  useConnection,
  useEvent,
  usePresence,
  usePublish,
  useSignal,
} from '@tidings/react'
import * as v from 'valibot'
import { z } from 'zod'

/** True only for the same type: `any` is the same as nothing but itself. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

interface Board {
  readonly total: number
}

declare const client: Client
declare const room: string | undefined
declare const isSameText: (a: string, b: string) => boolean

const quiz = channel('quiz/:room', {
  events: {
    scored: z.object({ points: z.number() }),
    ended: z.object({ at: z.string().transform((text) => new Date(text)) }),
  },
  state: {
    version: 1,
    initial: { total: 0 } as Board,
    on: { scored: (board, { points }) => ({ total: board.total + points }) },
  },
  signals: { typing: z.object({ isOn: z.boolean() }) },
  presence: z.object({ name: z.string() }),
  calls: { grade: { input: z.object({ text: z.string() }), output: z.object({ grade: z.number() }) } },
})
const bare = channel('bare', { events: { rung: z.object({}) } })

export function ProviderMisuse() {
  // @ts-expect-error: a provider has a client
  ;<TidingsProvider />
  // @ts-expect-error: the address of a server is no client
  return <TidingsProvider client="wss://example.org">{null}</TidingsProvider>
}

export function ConnectionMisuse() {
  const connection = useConnection()
  connection.reconnect()
  // @ts-expect-error: there is no such status
  connection.status === 'open'
  // @ts-expect-error: only a connected one has a name
  connection.you
  if (connection.status === 'connected') true satisfies Same<typeof connection.you, string>
  if (connection.status === 'error') connection.error.code
  const isOnline = useConnection(({ status }) => status === 'connected')
  true satisfies Same<typeof isOnline, boolean>
  // @ts-expect-error: the state has no `isOnline`
  useConnection(({ isOnline }) => isOnline)
  // @ts-expect-error: equality compares what the selector gives
  useConnection(({ attempt }) => attempt, isSameText)
  return <TidingsProvider client={client}>{null}</TidingsProvider>
}

export function ReferenceMisuse() {
  useChannel(null)
  useChannel(room === undefined ? null : quiz({ room }))
  useChannel(room !== undefined ? quiz({ room }) : undefined)
  // @ts-expect-error: an empty text is no way to skip
  useChannel(room && quiz({ room }))
  // @ts-expect-error: nor is false
  useChannel(room !== undefined && quiz({ room }))
  // @ts-expect-error: the parameter may be undefined
  useChannel(quiz({ room }))
  // @ts-expect-error: a name is no reference
  useChannel('quiz/1')
  // @ts-expect-error: nor is a kind of channel
  useChannel(quiz)
}

export function ChannelMisuse() {
  const { continuity, publish, signal, call } = useChannel(quiz({ room: '1' }), {
    after: 'start',
    load: async ({ reason, signal: { aborted } }) => ({ state: { total: aborted ? reason.length : 0 } }),
  })
  publish('scored', { points: 1 }).done
  // @ts-expect-error: no such event
  publish('lost', {})
  // @ts-expect-error: `points` is a number
  publish('scored', { points: '1' })
  // @ts-expect-error: the signal has no `isOff`
  signal('typing', { isOff: true })
  // @ts-expect-error: a promise is not yet the answer
  call('grade', { text: '' }).grade
  // @ts-expect-error: there is no such status
  continuity.status === 'ready'
  // @ts-expect-error: only a denied channel has an error
  continuity.error
  // @ts-expect-error: a state has a total
  useChannel(quiz({ room: '1' }), { load: async () => ({ state: {} }) })
  // @ts-expect-error: there is no such beginning
  useChannel(quiz({ room: '1' }), { after: 'end' })
}

export function EventMisuse() {
  useEvent(quiz({ room: '1' }), 'ended', ({ at }, { origin }) => {
    true satisfies Same<typeof at, Date>
    true satisfies Same<typeof origin, 'live' | 'replay' | 'echo'>
  })
  useEvent(quiz({ room: '1' }), '*', (event) => {
    true satisfies Same<typeof event, AnyEvent<typeof quiz.definition>>
    if (event.name === 'scored') event.data.points.toFixed()
    // @ts-expect-error: not every event has points
    event.data.points
    // @ts-expect-error: no such event
    event.name === 'lost'
  })
  // @ts-expect-error: no such event
  useEvent(quiz({ room: '1' }), 'lost', () => undefined)
  // @ts-expect-error: the event has no `point`
  useEvent(quiz({ room: '1' }), 'scored', ({ point }) => point)
  // @ts-expect-error: what a schema gives out is not what it takes in
  useEvent(quiz({ room: '1' }), 'ended', (data: { at: string }) => data)
  // @ts-expect-error: the handler is not optional
  useEvent(quiz({ room: '1' }), 'scored')
}

export function StateMisuse() {
  const board = useChannelState(quiz({ room: '1' }))
  true satisfies Same<typeof board, Board | undefined>
  // @ts-expect-error: undefined until it is known
  board.total
  const total = useChannelState(quiz({ room: '1' }), (state) => state.total)
  true satisfies Same<typeof total, number | undefined>
  const picked = useChannelState(quiz({ room: '1' }), ({ total }) => ({ total }), shallowEqual)
  picked?.total.toFixed()
  // @ts-expect-error: the state has no `sum`
  useChannelState(quiz({ room: '1' }), ({ sum }) => sum)
  // @ts-expect-error: equality compares what the selector gives
  useChannelState(quiz({ room: '1' }), (state) => state.total, isSameText)
  // @ts-expect-error: the contract declares no state for this channel
  useChannelState(bare())
  useChannelState(room === undefined ? null : quiz({ room }))
}

export function PublishMisuse() {
  const { publish, last, writes, retry } = usePublish(quiz({ room: '1' }), 'ended')
  true satisfies Same<ReturnType<typeof publish>, Publication>
  true satisfies Same<(typeof writes)[number]['data'], { at: string }>
  publish({ at: '2026-01-01' })
  if (last?.status.name === 'refused') last.status.error.message.trim()
  if (last) retry(last.id)
  // @ts-expect-error: undefined before the first
  last.status
  // @ts-expect-error: only a refused write has an error
  last?.status.error
  // @ts-expect-error: what a schema gives out is not what it takes in
  publish({ at: new Date() })
  // @ts-expect-error: `at` is missing
  publish({})
  // @ts-expect-error: no such event
  usePublish(quiz({ room: '1' }), 'lost')
  // @ts-expect-error: every event is no event that could be published
  usePublish(quiz({ room: '1' }), '*')
}

export function PresenceMisuse() {
  const { self, members, others } = usePresence(quiz({ room: '1' }), { name: 'Ada' })
  true satisfies Same<typeof self, Member<{ name: string }> | undefined>
  true satisfies Same<typeof members, readonly Member<{ name: string }>[]>
  true satisfies Same<typeof others, typeof members>
  const total = usePresence(quiz({ room: '1' }), undefined, (presence) => presence.total)
  true satisfies Same<typeof total, number>
  // @ts-expect-error: not here yet, or not told
  self.state
  // @ts-expect-error: members have no `nick`
  others[0]?.state.nick
  // @ts-expect-error: `name` is text
  usePresence(quiz({ room: '1' }), { name: 1 })
  // @ts-expect-error: presence has no `count`
  usePresence(quiz({ room: '1' }), undefined, ({ count }) => count)
  // @ts-expect-error: the contract declares no presence for this channel
  usePresence(bare())
}

export function SignalMisuse() {
  const send = useSignal(quiz({ room: '1' }), 'typing', ({ isOn }, from) => [isOn.valueOf(), from.trim()])
  send({ isOn: true })
  // @ts-expect-error: `isOn` is true or false
  send({ isOn: 'yes' })
  // @ts-expect-error: no such signal
  useSignal(quiz({ room: '1' }), 'waving')
  // @ts-expect-error: the signal has no `isOff`
  useSignal(quiz({ room: '1' }), 'typing', ({ isOff }) => isOff)
  // @ts-expect-error: no signals are declared
  useSignal(bare(), 'typing')
}

export async function CallMisuse() {
  const grade = useCall(quiz({ room: '1' }), 'grade')
  const answer = await grade({ text: '' }, { timeoutMs: 1_000 })
  true satisfies Same<typeof answer, { grade: number }>
  // @ts-expect-error: `text` is missing
  grade({})
  // @ts-expect-error: no such call
  useCall(quiz({ room: '1' }), 'mark')
  // @ts-expect-error: no calls are declared
  useCall(bare(), 'grade')
}

export function ValibotMisuse() {
  const poll = channel('poll/:id', {
    events: {
      ended: v.object({
        at: v.pipe(
          v.string(),
          v.transform((text) => new Date(text)),
        ),
      }),
    },
    state: { version: 1, initial: { total: 0 } as Board, on: { ended: (board) => board } },
    signals: { typing: v.object({ isOn: v.boolean() }) },
    presence: v.object({ name: v.string() }),
    calls: { grade: { input: v.object({ text: v.string() }), output: v.object({ grade: v.number() }) } },
  })
  const { publish } = usePublish(poll({ id: '1' }), 'ended')
  publish({ at: '2026-01-01' })
  // @ts-expect-error: what a schema gives out is not what it takes in
  publish({ at: new Date() })
  useEvent(poll({ id: '1' }), 'ended', ({ at }) => true satisfies Same<typeof at, Date>)
  // @ts-expect-error: no such event
  useEvent(poll({ id: '1' }), 'lost', () => undefined)
  // @ts-expect-error: the state has no `sum`
  useChannelState(poll({ id: '1' }), ({ sum }) => sum)
  // @ts-expect-error: `name` is text
  usePresence(poll({ id: '1' }), { name: 1 })
  // @ts-expect-error: the signal has no `isOff`
  useSignal(poll({ id: '1' }), 'typing', ({ isOff }) => isOff)
  // @ts-expect-error: `text` is text
  useCall(poll({ id: '1' }), 'grade')({ text: 1 })
}
