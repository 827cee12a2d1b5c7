// A small language for the shape of frames: one value is at once the run-time check, the TypeScript type and a text
// that describes it, so that none of the three can drift. Application data is not checked here but by its schema.
// The calls are marked as free of side effects: a page that looks up no shape loads none.

/** Describes values of type T: `problem` is undefined for a good one, else a sentence that begins with `path`. */
export interface Shape<out T> {
  readonly description: string
  readonly problem: (value: unknown, path: string) => string | undefined
  readonly isOptional?: boolean
  /** Never set: carries the type. */
  readonly type?: T
}

export type TypeOf<S> = S extends Shape<infer T> ? T : never

type Fields = Readonly<Record<string, Shape<unknown>>>
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly isOptional: true } ? K : never
}[keyof F]
export type ObjectOf<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[K]>
} & { readonly [K in OptionalKeys<F>]?: TypeOf<F[K]> | undefined }

/* @__NO_SIDE_EFFECTS__ */
function shape<T>(description: string, isRight: (value: unknown) => boolean): Shape<T> {
  return {
    description,
    problem: (value, path) => (isRight(value) ? undefined : `${path} must be ${description}`),
  }
}

/** Text of 1 to `maxLength` UTF-16 units. */
/* @__NO_SIDE_EFFECTS__ */
export function text(maxLength: number): Shape<string> {
  return shape(
    `text of 1 to ${maxLength} characters`,
    (value) => typeof value === 'string' && value.length > 0 && value.length <= maxLength,
  )
}

/** A whole number from 0 to 2^53 − 1. */
export const count: Shape<number> = shape(
  'a whole number, zero or more',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
)

export const flag: Shape<boolean> = shape('true or false', (value) => typeof value === 'boolean')

/** Anything that JSON can hold: application data. */
export const json: Shape<unknown> = shape('present', (value) => value !== undefined)

/* @__NO_SIDE_EFFECTS__ */
export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return shape(`one of ${values.map((value) => `"${value}"`).join(', ')}`, (value) =>
    values.includes(value as T),
  )
}

/* @__NO_SIDE_EFFECTS__ */
export function optional<T>(inner: Shape<T>): Shape<T> & { readonly isOptional: true } {
  return {
    description: `${inner.description}, or absent`,
    isOptional: true,
    problem: (value, path) => (value === undefined ? undefined : inner.problem(value, path)),
  }
}

/* @__NO_SIDE_EFFECTS__ */
export function list<T>(item: Shape<T>, maxItems: number): Shape<readonly T[]> {
  return {
    description: `a list of at most ${maxItems} × (${item.description})`,
    problem(value, path) {
      if (!Array.isArray(value)) return `${path} must be a list`
      if (value.length > maxItems) return `${path} must hold at most ${maxItems} items`
      for (let i = 0; i < value.length; i++) {
        const problem = item.problem(value[i], `${path}[${i}]`)
        if (problem) return problem
      }
      return undefined
    },
  }
}

/** An object with these fields; others are let through, so that a newer peer can say more. */
/* @__NO_SIDE_EFFECTS__ */
export function object<const F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const entries = Object.entries(fields)
  return {
    description: `{ ${entries.map(([name, field]) => `${name}: ${field.description}`).join('; ')} }`,
    problem(value, path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return `${path} must be an object`
      for (const [name, field] of entries) {
        const inner = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
        const problem = field.problem(inner, path === '' ? name : `${path}.${name}`)
        if (problem) return problem
      }
      return undefined
    },
  }
}
