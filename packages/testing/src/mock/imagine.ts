// Believable values from a JSON Schema: what a field is called says what it may hold, the schema says what it must be.
// Knows the keywords that validators write; what it cannot know (a pattern) it tries, and whoever asked checks.

import type { Draw } from './draw.ts'
import { type Person, sentences, vocabularies } from './words.ts'

/** The keywords of JSON Schema (2020-12) that are read here. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: boolean | JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
}

/** Where in the data a value stands, and who the object around it is about. */
interface Place {
  readonly name: string
  readonly person: Person
  readonly previous: unknown
  readonly depth: number
}

/** A schema that refers to itself ends here. */
const DEEPEST = 8
/** Optional fields are there so often. */
const OPTIONAL = 0.7
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

export function imagine(root: JsonSchema, draw: Draw): unknown {
  const valueFor = (schema: JsonSchema, place: Place): unknown => {
    if (schema.const !== undefined) return schema.const
    if (schema.enum && schema.enum.length > 0) return draw.pick(schema.enum)
    if (schema.examples && schema.examples.length > 0) return draw.pick(schema.examples)
    if (schema.$ref !== undefined) return valueFor(referred(root, schema.$ref), deeper(place))
    const choices = schema.anyOf ?? schema.oneOf
    if (choices && choices.length > 0) return valueFor(choose(choices, place, draw), deeper(place))
    if (schema.allOf && schema.allOf.length > 0)
      return valueFor(Object.assign({}, ...schema.allOf.map((part) => resolved(root, part))), deeper(place))
    switch (typeOf(schema, place, draw)) {
      case 'object':
        return objectOf(schema, place)
      case 'array':
        return listOf(schema, place)
      case 'string':
        return textFor(schema, place, draw)
      case 'number':
        return numberFor(schema, place, draw, false)
      case 'integer':
        return numberFor(schema, place, draw, true)
      case 'boolean':
        return draw.isLucky(0.75)
      default:
        return null
    }
  }

  const objectOf = ({ properties = {}, required = [], additionalProperties }: JsonSchema, place: Place) => {
    const person = draw.person()
    const made: Record<string, unknown> = {}
    for (const [name, schema] of Object.entries(properties)) {
      const isSpare = place.depth > DEEPEST || !draw.isLucky(OPTIONAL)
      if (!required.includes(name) && isSpare) continue
      made[name] = valueFor(schema, {
        name,
        person,
        previous: fieldOf(place.previous, name),
        depth: place.depth + 1,
      })
    }
    if (typeof additionalProperties === 'object' && Object.keys(properties).length === 0) {
      for (let i = draw.integer(1, 3); i > 0; i--)
        made[draw.id()] = valueFor(additionalProperties, { ...deeper(place), name: place.name })
    }
    return made
  }

  const listOf = (
    { items, prefixItems = [], minItems = 0, maxItems = minItems + 4 }: JsonSchema,
    place: Place,
  ) => {
    const inner = { ...deeper(place), previous: undefined }
    const first = prefixItems.map((schema) => valueFor(schema, inner))
    if (typeof items !== 'object') return first
    const most = place.depth > DEEPEST ? minItems : Math.min(maxItems, Math.max(minItems, first.length) + 4)
    const length = draw.integer(Math.min(most, Math.max(minItems, first.length, 1)), most)
    while (first.length < length) first.push(valueFor(items, inner))
    return first
  }

  return valueFor(root, { name: '', person: draw.person(), previous: draw.previous, depth: 0 })
}

const deeper = (place: Place): Place => ({ ...place, depth: place.depth + 1 })

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

const resolved = (root: JsonSchema, schema: JsonSchema): JsonSchema =>
  schema.$ref === undefined ? schema : referred(root, schema.$ref)

function referred(root: JsonSchema, ref: string): JsonSchema {
  if (ref === '#') return root
  const found = root.$defs?.[ref.replace(/^#\/(\$defs|definitions)\//, '')]
  if (found) return found
  throw new TypeError(`The JSON Schema refers to "${ref}", which it does not define.`)
}

/** Something rather than nothing, and an end where a schema goes round in circles. */
function choose(choices: readonly JsonSchema[], { depth }: Place, draw: Draw): JsonSchema {
  const isNull = (choice: JsonSchema) => choice.type === 'null'
  const wanted = choices.filter((choice) => isNull(choice) === (depth > DEEPEST || draw.isLucky(0.2)))
  return draw.pick(wanted.length > 0 ? wanted : choices)
}

function typeOf({ type, properties, items }: JsonSchema, { name }: Place, draw: Draw): string {
  if (Array.isArray(type)) return draw.pick(type.filter((each) => each !== 'null' || type.length === 1))
  if (typeof type === 'string') return type
  if (properties) return 'object'
  if (items !== undefined) return 'array'
  // A schema that says nothing takes anything: a field that has a name gets some text.
  return name === '' ? 'object' : 'string'
}

// ── Text ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

function textFor(
  { format, minLength = 0, maxLength = 10_000 }: JsonSchema,
  place: Place,
  draw: Draw,
): string {
  const text =
    format === undefined ? named(place, draw) : (formatted(format, place, draw) ?? named(place, draw))
  return format === undefined ? fitted(text, minLength, maxLength, draw) : text
}

function formatted(format: string, { name, person }: Place, draw: Draw): string | undefined {
  switch (format) {
    case 'date-time':
      return new Date(momentFor(name, draw)).toISOString()
    case 'date':
      return new Date(momentFor(name, draw)).toISOString().slice(0, 10)
    case 'time':
      return new Date(momentFor(name, draw)).toISOString().slice(11, 19)
    case 'duration':
      return `PT${draw.integer(5, 90)}M`
    case 'email':
      return person.email
    case 'uuid':
      return uuid(draw)
    case 'uri':
    case 'uri-reference':
    case 'url':
      return `https://example.com/${draw.id()}`
    case 'hostname':
      return 'example.com'
    case 'ipv4':
      return `192.0.2.${draw.integer(1, 254)}`
    case 'ipv6':
      return `2001:db8::${draw.integer(1, 9_999)}`
    default:
      return undefined
  }
}

function uuid(draw: Draw): string {
  const hex = (length: number) => Array.from({ length }, () => draw.integer(0, 15).toString(16)).join('')
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${draw.pick(['8', '9', 'a', 'b'])}${hex(3)}-${hex(12)}`
}

/** `jobTitle`, `job_title` and `JobTitle` are the same words. */
function named({ name, person, previous }: Place, draw: Draw): string {
  const own = Object.hasOwn(draw.params, name) ? draw.params[name] : undefined
  if (own !== undefined) return own
  const key = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
  if (/(^|_)(user|author|owner|sender|member|participant|person)_?id$|^(user|from|to|by)$/.test(key))
    return person.id
  if (/(^|_)(id|uid|key|slug|code|ref|number)$/.test(key)) return draw.id()
  if (/mail/.test(key)) return person.email
  if (/avatar|image|photo|picture|icon|thumb/.test(key)) return `/avatars/${person.id}.svg`
  if (/url|href|link|path/.test(key)) return `/${draw.id()}`
  if (/(_|^)(at|on|date|time|timestamp|since|until|deadline|due|last_\w+)$/.test(key))
    return new Date(momentFor(name, draw)).toISOString()
  for (const [pattern, list] of vocabularies) if (pattern.test(key)) return draw.pick(list)
  if (/name|author|sender|owner/.test(key)) return person.name
  return draw.pick(sentences.filter((sentence) => sentence !== previous))
}

function fitted(text: string, least: number, most: number, draw: Draw): string {
  let long = text
  while (long.length < least) long += ` ${draw.sentence()}`
  if (long.length <= most) return long
  const cut = long.slice(0, most)
  const end = cut.lastIndexOf(' ')
  return end >= least && end > most / 2 ? cut.slice(0, end) : cut
}

/** Due dates lie in the coming days, everything else in the last minutes. */
function momentFor(name: string, draw: Draw): number {
  if (/due|deadline|until|expire|next|start|end/i.test(name))
    return draw.now + Math.round(draw.fraction() * 14 * DAY_MS)
  if (/since|created|joined|birth|first/i.test(name))
    return draw.now - Math.round(draw.fraction() * 30 * MINUTE_MS)
  return draw.now
}

// ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Typical values by what a number's name says: least, most, digits after the point. */
const magnitudes: readonly (readonly [RegExp, number, number, number])[] = [
  [/percent|progress|completion/, 5, 100, 0],
  [/score|match|ratio|share|probability|confidence/, 0.55, 0.99, 2],
  [/rating|stars/, 3, 5, 1],
  [/hour/, 1, 40, 1],
  [/minute|duration|seconds/, 2, 90, 0],
  [/streak|day|week|level|rank/, 1, 30, 0],
  [/price|amount|total|cost|salary|revenue/, 20, 900, 2],
  [/latency|ms$/, 12, 180, 0],
  [/uptime/, 99, 100, 2],
  [/year/, 2024, 2027, 0],
  [/age/, 18, 70, 0],
  [/lat/, -60, 60, 4],
  [/lon|lng/, -170, 170, 4],
]

function numberFor(schema: JsonSchema, { name, previous }: Place, draw: Draw, isWhole: boolean): number {
  const key = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
  const least =
    schema.minimum ??
    (schema.exclusiveMinimum === undefined ? -Infinity : above(schema.exclusiveMinimum, isWhole))
  const most =
    schema.maximum ??
    (schema.exclusiveMaximum === undefined ? Infinity : below(schema.exclusiveMaximum, isWhole))
  const isTime = /(_|^)(at|date|time|timestamp|since|until|deadline|due|last_\w+|expires)$/.test(key)
  if (isTime && most > draw.now && least < draw.now) return Math.round(momentFor(name, draw))
  const [, low, high, digits] = magnitudes.find(([pattern]) => pattern.test(key)) ?? [
    undefined,
    1,
    60,
    isWhole ? 0 : 1,
  ]
  const bounded = least > high || most < low || (most <= 1 && high > 1)
  const from = bounded ? (least === -Infinity ? Math.min(0, most) : least) : Math.max(low, least)
  const to = bounded ? Math.min(most, from + (high - low)) : Math.min(high, most)
  const value =
    typeof previous === 'number' ? wander(previous, from, to, draw) : from + draw.fraction() * (to - from)
  return rounded(value, {
    from,
    to,
    digits: isWhole ? 0 : Math.max(digits, to - from <= 1 ? 2 : 0),
    step: schema.multipleOf,
  })
}

const above = (bound: number, isWhole: boolean) => (isWhole ? Math.floor(bound) + 1 : bound + 0.01)
const below = (bound: number, isWhole: boolean) => (isWhole ? Math.ceil(bound) - 1 : bound - 0.01)

/** What is shown live moves a little, rather up than down, and turns round at its bounds. */
function wander(previous: number, from: number, to: number, draw: Draw): number {
  const step = (to - from) * 0.08 * (draw.fraction() - 0.3)
  const next = previous + step
  return next > to || next < from ? previous - step : next
}

function rounded(
  value: number,
  { from, to, digits, step }: { from: number; to: number; digits: number; step: number | undefined },
): number {
  if (step !== undefined)
    return Math.max(Math.ceil(from / step), Math.min(Math.floor(to / step), Math.round(value / step))) * step
  return Math.min(to, Math.max(from, Number(value.toFixed(digits))))
}
