// Data for every event of a contract: from the application's own generators, or invented from the schema where the
// validator tells it as JSON Schema. Nothing leaves here that the schema would refuse.

import {
  type AnyDefinition,
  type Chance,
  type ChannelKind,
  type ChannelRef,
  type Contract,
  type EventInput,
  type EventName,
  type Schema,
  validate,
} from '@tidings/core'
import { seededChance } from '@tidings/core/testing'
import { type Draw, newDraw } from './draw.ts'
import { imagine, type JsonSchema } from './imagine.ts'

// biome-ignore lint/suspicious/noExplicitAny: a schema is contravariant in what it takes; only `any` stands for all of them
type AnySchema = Schema<any, any>

type DefinitionOf<Kind> = Kind extends ChannelKind<infer D> ? D : never

/** Generators by the contract's names: `{ chat: { said: ({ person, sentence }) => ({ name: person().name, text: sentence() }) } }`. */
export type Generators<C extends Contract> = {
  readonly [Kind in keyof C['channels']]?: {
    readonly [Name in EventName<DefinitionOf<C['channels'][Kind]>>]?:
      | ((draw: Draw) => EventInput<DefinitionOf<C['channels'][Kind]>, Name>)
      | false
  }
}

/** A schema of the application's validator as JSON Schema; undefined where it cannot say. */
export type ToJsonSchema = (schema: AnySchema) => unknown

type Generator = (draw: Draw) => unknown

export interface SamplesOptions {
  readonly contract: Contract
  readonly generators: Readonly<Record<string, Readonly<Record<string, Generator | false>> | undefined>>
  readonly toJsonSchema: ToJsonSchema | undefined
  readonly seed: number
}

/** Refinements are invisible in a JSON Schema: so many draws are tried before the application is asked for help. */
const ATTEMPTS = 50

export class Samples {
  readonly #options: SamplesOptions
  readonly #kinds: ReadonlyMap<AnyDefinition, string>
  readonly #schemas = new Map<AnySchema, JsonSchema | undefined>()
  readonly #made = new Map<string, { n: number; previous: unknown; readonly chance: Chance }>()

  constructor(options: SamplesOptions) {
    this.#options = options
    this.#kinds = new Map(
      Object.entries(options.contract.channels).map(([kind, { definition }]) => [definition, kind]),
    )
  }

  /** The events that may happen in a channel by themselves: data can be made for them, and nobody said no. */
  eventsOf({ definition }: ChannelRef): string[] {
    const canHappen = (event: string) => {
      const own = this.#ownOf(definition, event)
      return own === undefined ? this.#jsonSchemaOf(definition.events[event]) !== undefined : own !== false
    }
    return Object.keys(definition.events).filter(canHappen)
  }

  /** Throws a TypeError where there is neither a generator nor a JSON Schema, or nothing fits. */
  event(ref: ChannelRef, event: string, now: number): unknown {
    const { definition } = ref
    if (!Object.hasOwn(definition.events, event))
      throw new TypeError(`The channel ${ref.name} has no event "${event}".`)
    const generator = this.#ownOf(definition, event) || undefined
    const what = `"${event}" of ${definition.pattern}`
    const advice = `Give one as data: { ${this.#kindOf(definition)}: { ${event}: (draw) => … } }.`
    return this.#fitting(ref, { schema: definition.events[event], generator, name: event, what, advice }, now)
  }

  /** An answer to a call that nobody else answers. */
  reply(ref: ChannelRef, call: string, now: number): unknown {
    const { output } = ref.definition.calls[call] as { readonly output: AnySchema }
    const what = `the answer to "${call}" of ${ref.definition.pattern}`
    const advice = `Give a handler as calls: { ${this.#kindOf(ref.definition)}: { ${call}: (input) => … } }.`
    return this.#fitting(ref, { schema: output, generator: undefined, name: `${call}()`, what, advice }, now)
  }

  #fitting(
    ref: ChannelRef,
    asked: {
      readonly schema: AnySchema
      readonly generator: Generator | undefined
      readonly name: string
      readonly what: string
      readonly advice: string
    },
    now: number,
  ): unknown {
    const { schema, generator, name, what, advice } = asked
    const json = generator ? undefined : this.#jsonSchemaOf(schema)
    if (!generator && !json)
      throw new TypeError(`There is no generator for ${what}, and its schema tells no JSON Schema. ${advice}`)
    const row = this.#rowOf(ref, name)
    let problem = ''
    for (let i = 0; i < (generator ? 1 : ATTEMPTS); i++) {
      const draw = newDraw(row.chance, { n: row.n, now, params: ref.params, previous: row.previous })
      const made = generator ? generator(draw) : imagine(json as JsonSchema, draw)
      const found = validate(schema, made, 'data')
      if (found.ok) {
        row.n++
        row.previous = made
        return made
      }
      problem = `${found.field}: ${found.message}`
    }
    if (generator)
      throw new TypeError(`The generator of ${what} makes data that the schema refuses: ${problem}.`)
    throw new TypeError(`No data could be invented for ${what}: ${problem}. ${advice}`)
  }

  /** Each event of each channel has chance of its own: another channel that is opened before changes nothing here. */
  #rowOf(ref: ChannelRef, name: string) {
    const key = `${ref.name} ${name}`
    const known = this.#made.get(key)
    if (known) return known
    const row = { n: 0, previous: undefined as unknown, chance: seededChance(this.#options.seed ^ hash(key)) }
    this.#made.set(key, row)
    return row
  }

  #kindOf(definition: AnyDefinition): string {
    return this.#kinds.get(definition) ?? ''
  }

  #ownOf(definition: AnyDefinition, event: string): Generator | false | undefined {
    const own = this.#options.generators[this.#kindOf(definition)]
    return own && Object.hasOwn(own, event) ? own[event] : undefined
  }

  #jsonSchemaOf(schema: AnySchema): JsonSchema | undefined {
    if (!this.#schemas.has(schema))
      this.#schemas.set(schema, jsonSchemaOf(schema, this.#options.toJsonSchema))
    return this.#schemas.get(schema)
  }
}

/** Standard JSON Schema (Zod from 4.2 on, and others), or ArkType's own way, unless the application has another. */
function jsonSchemaOf(schema: AnySchema, toJsonSchema: ToJsonSchema | undefined): JsonSchema | undefined {
  const tell =
    toJsonSchema ??
    ((each: AnySchema) => {
      const { jsonSchema } = each['~standard'] as {
        readonly jsonSchema?: { input(options: object): unknown }
      }
      if (jsonSchema) return jsonSchema.input({ target: 'draft-2020-12' })
      return (each as { readonly toJsonSchema?: () => unknown }).toJsonSchema?.()
    })
  try {
    const told = tell(schema)
    return typeof told === 'object' && told !== null ? told : undefined
  } catch {
    // Validators throw on what JSON Schema has no word for, a Date say: then a generator is needed.
    return undefined
  }
}

/** FNV-1a, 32 bits: spreads names over seeds. */
function hash(text: string): number {
  let sum = 0x811c9dc5
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193)
  return sum >>> 0
}
