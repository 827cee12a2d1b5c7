// Validation of unknown input by whatever validator the application chose: anything that implements Standard Schema
// version 1 (https://standardschema.dev): Zod, Valibot, ArkType and others.

import { type ErrorCode, TidingsError } from './errors.ts'

/** The part of Standard Schema version 1 that Tidings uses. */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<SchemaIssue> }

interface SchemaIssue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/** What the schema takes in: what a publisher writes. */
export type InputOf<S> = S extends { readonly '~standard': { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly input: infer I }
    ? I
    : unknown
  : unknown

/** What the schema gives out: what a handler reads. */
export type OutputOf<S> = S extends { readonly '~standard': { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly output: infer O }
    ? O
    : unknown
  : unknown

export type Validation<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly field: string; readonly message: string }

/**
 * Checks `value`; the first problem is named by its path, which starts with `root` (`data`, `state` …).
 * Throws when the schema is asynchronous: the order of a log cannot wait for a validator.
 */
export function validate<Output>(
  schema: Schema<unknown, Output> | Schema<never, Output>,
  value: unknown,
  root: string,
): Validation<Output> {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) {
    throw new TypeError(
      `The ${schema['~standard'].vendor} schema for ${root} validates asynchronously; use a synchronous one.`,
    )
  }
  if (!result.issues) return { ok: true, value: result.value }
  const [issue] = result.issues
  return { ok: false, field: root + formatPath(issue?.path ?? []), message: issue?.message ?? 'is not valid' }
}

/** The validated value; throws a TidingsError with `code` that names the field. */
export function validateOrThrow<Output>(
  schema: Schema<unknown, Output>,
  value: unknown,
  where: { readonly root: string; readonly code: ErrorCode; readonly channel?: string },
): Output {
  const result = validate(schema, value, where.root)
  if (result.ok) return result.value
  throw new TidingsError(where.code, `${result.field}: ${result.message}`, {
    field: result.field,
    channel: where.channel,
  })
}

function formatPath(path: NonNullable<SchemaIssue['path']>): string {
  return path
    .map((step) => (typeof step === 'object' ? step.key : step))
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
}
