// The contract: which channels there are, what happens in them, and how their events add up to a state. Declared once;
// every type of publish, handler, hook and server call flows from it, and both ends validate by it.

import { TidingsError } from './errors.ts'
import type { InputOf, OutputOf, Schema } from './schema.ts'

// biome-ignore lint/suspicious/noExplicitAny: a schema is contravariant in what it takes; only `any` stands for all of them
export type AnySchema = Schema<any, any>
export type Schemas = Readonly<Record<string, AnySchema>>
export type CallSchemas = Readonly<Record<string, { readonly input: AnySchema; readonly output: AnySchema }>>

/** What a fold is told about the entry besides its data. */
export interface EntryMeta {
  /** The same for a pending write and for the entry it becomes: fit for a React key. */
  readonly id: string
  /** Place in the log; 0 while the write is pending. */
  readonly offset: number
  /** When it was appended, by the log's clock; while pending, when it was written. Milliseconds since 1970. */
  readonly at: number
  /** Public name of the client that published it; undefined for a backend's. */
  readonly by: string | undefined
  readonly isPending: boolean
}

// Put off until the type of `initial` is known, so that literals in what a fold returns keep their types: `status: 'open'`
// would be a string otherwise.
type FoldOf<State, Data> = [State] extends [unknown]
  ? (state: State, data: Data, entry: EntryMeta) => State
  : never

/** A pure fold over a channel's events, run on both ends. */
export interface StateDefinition<Events extends Schemas, State> {
  /** Count it up when `on` or the shape of the state changes: states of different versions never mix. */
  readonly version: number
  readonly initial: State
  /** How each event changes the state. Must not change its arguments. One that throws is skipped and reported. */
  readonly on: {
    readonly [Name in keyof Events]?: FoldOf<State, OutputOf<Events[Name]>>
  }
  /** Turns a snapshot of an older version into this one. Without it, the state is folded anew from what history is kept. */
  readonly migrate?: (state: unknown, fromVersion: number) => State
}

export interface Retention {
  /** At least this many entries are kept. Default 10,000. */
  readonly entries: number
  /** Entries older than this may go, in milliseconds. Default: no limit by age. */
  readonly ageMs?: number
}

export const defaultRetention: Retention = { entries: 10_000 }

/** Names a query in the app's cache, as TanStack Query has them: a key covers all that begin with it. */
export type QueryKey = readonly unknown[]

/** Which of the app's queries a channel's events make stale. Used by `@tidings/react/query`; the server never looks at it. */
export interface QueryDefinition<Events extends Schemas, Params> {
  /** Everything that the channel's events may touch: fetched anew when the channel had to be reset. */
  readonly all: (params: Params) => readonly QueryKey[]
  /** What one event touches; an event that is not named here touches nothing. Without `on`, each touches `all`. */
  readonly on?: {
    readonly [Name in keyof Events]?: (data: OutputOf<Events[Name]>, params: Params) => readonly QueryKey[]
  }
}

export interface ChannelDefinition<
  Pattern extends string = string,
  Events extends Schemas = Schemas,
  State = unknown,
  Signals extends Schemas = Schemas,
  Presence extends AnySchema | undefined = AnySchema | undefined,
  Calls extends CallSchemas = CallSchemas,
> {
  readonly pattern: Pattern
  readonly events: Events
  readonly state: [State] extends [never] ? undefined : StateDefinition<Events, State> | undefined
  readonly signals: Signals
  readonly presence: Presence
  readonly calls: Calls
  readonly queries: QueryDefinition<Events, ParamsOf<Pattern>> | undefined
  readonly retention: Retention
}

/**
 * A definition of whatever state and events. Spelled out: up to TypeScript 5.9 `ChannelDefinition<string, any, …>` takes
 * no definition whose state is `never`.
 */
export interface AnyDefinition {
  readonly pattern: string
  // biome-ignore-start lint/suspicious/noExplicitAny: only `any` stands for all of them
  readonly events: any
  readonly state: StateDefinition<any, any> | undefined
  readonly signals: any
  readonly presence: any
  readonly calls: any
  readonly queries: QueryDefinition<any, any> | undefined
  // biome-ignore-end lint/suspicious/noExplicitAny: only `any` stands for all of them
  readonly retention: Retention
}

/** `{ room: string }` for `hello/:room`. */
export type ParamsOf<Pattern extends string> = Pattern extends `${infer Head}/${infer Tail}`
  ? ParamsOf<Head> & ParamsOf<Tail>
  : Pattern extends `:${infer Name}`
    ? { readonly [Key in Name]: string }
    : unknown

/** One channel: what every publish, hook and server call is given. Two references to the same name are interchangeable. */
export interface ChannelRef<Definition extends AnyDefinition = AnyDefinition> {
  readonly name: string
  readonly params: Readonly<Record<string, string>>
  readonly definition: Definition
}

/** A kind of channel: call it with the parameters of its pattern to get one of them. */
export interface ChannelKind<Definition extends AnyDefinition = AnyDefinition> {
  (
    ...params: {} extends ParamsOf<Definition['pattern']> ? [] : [params: ParamsOf<Definition['pattern']>]
  ): ChannelRef<Definition>
  readonly definition: Definition
}

export type EventName<D extends AnyDefinition> = keyof D['events'] & string
export type EventInput<D extends AnyDefinition, Name extends EventName<D>> = InputOf<D['events'][Name]>
export type EventData<D extends AnyDefinition, Name extends EventName<D>> = OutputOf<D['events'][Name]>
export type SignalName<D extends AnyDefinition> = keyof D['signals'] & string
export type SignalInput<D extends AnyDefinition, Name extends SignalName<D>> = InputOf<D['signals'][Name]>
export type SignalData<D extends AnyDefinition, Name extends SignalName<D>> = OutputOf<D['signals'][Name]>
export type PresenceInput<D extends AnyDefinition> = InputOf<D['presence']>
export type PresenceState<D extends AnyDefinition> = OutputOf<D['presence']>
export type CallName<D extends AnyDefinition> = keyof D['calls'] & string
export type CallInput<D extends AnyDefinition, Name extends CallName<D>> = InputOf<D['calls'][Name]['input']>
export type CallOutput<D extends AnyDefinition, Name extends CallName<D>> = OutputOf<
  D['calls'][Name]['output']
>
/** The state that a channel's events fold into; never where the contract declares none. */
export type StateOf<D extends AnyDefinition> = NonNullable<D['state']>['initial']

/**
 * Declares a kind of channel. `pattern` is a path whose segments are literal or `:parameters`.
 *
 * @example
 * const hello = channel('hello/:room', { events: { said: z.object({ text: z.string().min(1) }) } })
 * hello({ room: 'lobby' }).name // 'hello/lobby'
 */
export function channel<
  const Pattern extends string,
  Events extends Schemas,
  State = never,
  Signals extends Schemas = {},
  Presence extends AnySchema | undefined = undefined,
  Calls extends CallSchemas = {},
>(
  pattern: Pattern,
  options: {
    readonly events: Events
    readonly state?: StateDefinition<Events, State>
    readonly signals?: Signals
    /** Schema of what a member says about itself; without it the channel has no presence. */
    readonly presence?: Presence
    readonly calls?: Calls
    readonly queries?: QueryDefinition<Events, ParamsOf<Pattern>>
    readonly retention?: Partial<Retention>
  },
): ChannelKind<ChannelDefinition<Pattern, Events, State, Signals, Presence, Calls>> {
  const definition: ChannelDefinition<Pattern, Events, State, Signals, Presence, Calls> = {
    pattern,
    events: options.events,
    state: options.state as ChannelDefinition<Pattern, Events, State>['state'],
    signals: options.signals ?? ({} as Signals),
    presence: options.presence as Presence,
    calls: options.calls ?? ({} as Calls),
    queries: options.queries,
    retention: { ...defaultRetention, ...options.retention },
  }
  const refer = (params: Readonly<Record<string, string>> = {}) => ({
    name: fillPattern(pattern, params),
    params,
    definition,
  })
  return Object.assign(refer as unknown as ChannelKind<typeof definition>, { definition })
}

/** A kind of channel, whatever its parameters: what a contract is made of. */
export interface AnyKind {
  (...params: never[]): ChannelRef
  readonly definition: AnyDefinition
}

export interface Contract<
  Kinds extends Readonly<Record<string, AnyKind>> = Readonly<Record<string, AnyKind>>,
> {
  readonly channels: Kinds
  /** The channel of this name, or undefined when no pattern of the contract matches it. */
  readonly resolve: (name: string) => ChannelRef | undefined
}

/**
 * All kinds of channels that a server serves. Throws a TypeError when two of them could claim the same name, and for
 * what could not be served: a pattern that is none, a name that no frame can carry, a version or a retention that is no number of the right kind.
 */
export function defineContract<const Kinds extends Readonly<Record<string, AnyKind>>>(
  channels: Kinds,
): Contract<Kinds> {
  const rows = Object.values(channels).map(({ definition }) => {
    checkDefinition(definition)
    return { definition, segments: parsePattern(definition.pattern) }
  })
  rows.forEach((a, i) => {
    for (const b of rows.slice(i + 1)) {
      if (overlap(a.segments, b.segments)) {
        throw new TypeError(
          `The patterns "${a.definition.pattern}" and "${b.definition.pattern}" match the same names; change one of them.`,
        )
      }
    }
  })
  const resolve = (name: string): ChannelRef | undefined => {
    if (name.length > MAX_NAME_LENGTH) return undefined
    const values = name.split('/')
    if (!values.every(isSegment)) return undefined
    for (const { definition, segments } of rows) {
      const params = matchSegments(segments, values)
      if (params) return { name, params, definition }
    }
    return undefined
  }
  return { channels, resolve }
}

/** Longest name of an event, a signal or a call, in UTF-16 units. */
export const MAX_EVENT_NAME_LENGTH = 128

function checkDefinition({ pattern, events, signals, calls, state, retention }: AnyDefinition): void {
  const refuse = (what: string) => {
    throw new TypeError(`The channel "${pattern}" has ${what}.`)
  }
  for (const name of [events, signals, calls].flatMap((named) => Object.keys(named))) {
    if (name === '' || name.length > MAX_EVENT_NAME_LENGTH)
      refuse(`the name "${name.slice(0, 40)}"; names have 1 to ${MAX_EVENT_NAME_LENGTH} characters`)
  }
  if (state && !(Number.isSafeInteger(state.version) && state.version >= 0))
    refuse(`a state of version ${state.version}; versions are whole numbers, zero or more`)
  if (!(retention.entries >= 0)) refuse(`a retention of ${retention.entries} entries; give zero or more`)
  if (retention.ageMs !== undefined && !(retention.ageMs > 0))
    refuse(`a retention of ${retention.ageMs} ms; give more than zero, or leave it out`)
}

/** Longest name of a channel, in characters; all of them are ASCII. */
export const MAX_NAME_LENGTH = 255

type Segment = { readonly literal: string } | { readonly param: string }

// Unreserved characters of a URL path and a few that identifiers use. `.` and `..` would be eaten by URL parsers.
const SEGMENT = /^[0-9A-Za-z_~@+=.:-]+$/
const isSegment = (text: string) => SEGMENT.test(text) && text !== '.' && text !== '..'

function parsePattern(pattern: string): readonly Segment[] {
  const names = new Set<string>()
  return pattern.split('/').map((text) => {
    const param = text.startsWith(':') ? text.slice(1) : undefined
    if (param === undefined) {
      if (isSegment(text)) return { literal: text }
    } else if (/^[A-Za-z][0-9A-Za-z_]*$/.test(param) && !names.has(param)) {
      names.add(param)
      return { param }
    }
    throw new TypeError(
      `The channel pattern "${pattern}" has the segment "${text}"; segments are ASCII letters, digits and _~@+=.:- or a :parameter that occurs once.`,
    )
  })
}

function fillPattern(pattern: string, params: Readonly<Record<string, string>>): string {
  const name = pattern
    .split('/')
    .map((text) => {
      if (!text.startsWith(':')) return text
      const param = text.slice(1)
      const value = Object.hasOwn(params, param) ? params[param] : undefined
      if (typeof value === 'string' && isSegment(value)) return value
      throw new TidingsError(
        'unknown-channel',
        `The parameter "${param}" of channel "${pattern}" is ${JSON.stringify(value) ?? 'missing'}; it may hold ASCII letters, digits and _~@+=.:-`,
        { field: param },
      )
    })
    .join('/')
  if (name.length > MAX_NAME_LENGTH) {
    throw new TidingsError(
      'unknown-channel',
      `The channel name "${name.slice(0, 40)}…" has ${name.length} characters; ${MAX_NAME_LENGTH} are allowed.`,
    )
  }
  return name
}

function matchSegments(
  segments: readonly Segment[],
  values: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (segments.length !== values.length) return undefined
  const params: Record<string, string> = Object.create(null)
  for (const [i, segment] of segments.entries()) {
    const value = values[i] as string
    if ('param' in segment) params[segment.param] = value
    else if (segment.literal !== value) return undefined
  }
  return params
}

const overlap = (a: readonly Segment[], b: readonly Segment[]) =>
  a.length === b.length &&
  a.every(
    (x, i) =>
      'param' in x || 'param' in (b[i] as Segment) || x.literal === (b[i] as { literal: string }).literal,
  )
