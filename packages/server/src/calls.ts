// Calls: typed request and reply. The contract says what goes in and comes out, the application's handlers answer.

import {
  type AnyDefinition,
  type ChannelKind,
  type ChannelRef,
  type Clock,
  type Contract,
  type InputOf,
  type OutputOf,
  TidingsError,
  validateOrThrow,
} from '@tidings/core'
import type { Identity } from './authority.ts'
import type { Observe } from './observe.ts'

export interface CallContext {
  readonly identity: Identity
  readonly channel: string
  readonly params: Readonly<Record<string, string>>
}

/** Is given what the schema of the input gives out, and returns what the schema of the output takes in. */
type CallHandler<D extends AnyDefinition, Name extends keyof D['calls'] & string> = (
  input: OutputOf<D['calls'][Name]['input']>,
  context: CallContext,
) => InputOf<D['calls'][Name]['output']> | Promise<InputOf<D['calls'][Name]['output']>>

type DefinitionOf<Kind> = Kind extends ChannelKind<infer D> ? D : never

/** A handler for every call of every channel that has some, under the contract's names. A TidingsError is told to the caller. */
export type CallHandlers<C extends Contract> = {
  readonly [Kind in keyof C['channels'] as keyof DefinitionOf<C['channels'][Kind]>['calls'] extends never
    ? never
    : Kind]?: {
    readonly [Name in keyof DefinitionOf<C['channels'][Kind]>['calls'] & string]: CallHandler<
      DefinitionOf<C['channels'][Kind]>,
      Name
    >
  }
}

/** The handlers with their types gone: what the dispatcher works with. */
export type UntypedHandlers = Readonly<
  Record<string, Readonly<Record<string, (input: unknown, context: CallContext) => unknown>> | undefined>
>

export interface CallsOptions {
  readonly contract: Contract
  readonly handlers: UntypedHandlers
  readonly clock: Clock
  readonly timeoutMs: number
  readonly observe: Observe
}

export class Calls {
  readonly #options: CallsOptions
  readonly #kinds: ReadonlyMap<AnyDefinition, string>

  constructor(options: CallsOptions) {
    this.#options = options
    this.#kinds = new Map(
      Object.entries(options.contract.channels).map(([kind, { definition }]) => [definition, kind]),
    )
  }

  async call(identity: Identity, ref: ChannelRef, name: string, input: unknown): Promise<unknown> {
    const { handlers, clock, observe } = this.#options
    const { definition } = ref
    const schemas = Object.hasOwn(definition.calls, name) ? definition.calls[name] : undefined
    const handler = schemas && handlers[this.#kinds.get(definition) ?? '']?.[name]
    if (!schemas || !handler) {
      throw new TidingsError(
        'unknown-event',
        `The channel ${ref.name} answers no call "${name.slice(0, 80)}".`,
        { field: 'name' },
      )
    }
    const asked = validateOrThrow(schemas.input, input, {
      root: 'data',
      code: 'invalid-data',
      channel: ref.name,
    })
    const startedAt = clock.monotonic()
    const done = (isFailed: boolean) =>
      observe({
        name: 'called',
        channel: ref.name,
        call: name,
        isFailed,
        tookMs: clock.monotonic() - startedAt,
      })
    try {
      const answer = await this.#inTime(
        handler(asked, { identity, channel: ref.name, params: ref.params }),
        name,
      )
      const output = validateOrThrow(schemas.output, answer, {
        root: 'output',
        code: 'internal',
        channel: ref.name,
      })
      done(false)
      return output
    } catch (error) {
      done(true)
      throw error
    }
  }

  #inTime(answer: unknown, name: string): Promise<unknown> {
    const { clock, timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const cancel = clock.setTimer(timeoutMs, () => {
        reject(new TidingsError('timeout', `The call ${name} had no answer after ${timeoutMs} ms.`))
      })
      Promise.resolve(answer).then(resolve, reject).finally(cancel)
    })
  }
}
