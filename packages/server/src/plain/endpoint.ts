// A plain endpoint: which channels a path stands for, in which shape events are told there, and where what comes up is
// published. Pure: paths are matched here, connections are session.ts's affair [PL1].

import { type ChannelRef, type ParamsOf, TidingsError } from '@tidings/core'

/** `data`: `{type, data}`. `payload`: `{type, payload, timestamp, messageId}`. */
export type PlainShape = 'data' | 'payload'

export interface PlainEndpoint {
  readonly path: string
  readonly channels: (params: Readonly<Record<string, string>>) => ChannelRef | readonly ChannelRef[]
  readonly publish:
    | ((params: Readonly<Record<string, string>>, event: string) => ChannelRef | undefined)
    | undefined
  readonly shape: PlainShape
  readonly token: 'query' | 'message'
}

export interface PlainEndpointOptions<Path extends string> {
  /** Whose events are told. */
  readonly channels: (params: ParamsOf<Path>) => ChannelRef | readonly ChannelRef[]
  /** Where an event that a client sends is published; undefined: nowhere. Default: the endpoint is for reading alone. */
  readonly publish?: ((params: ParamsOf<Path>, event: string) => ChannelRef | undefined) | undefined
  /** Default `data`. */
  readonly shape?: PlainShape | undefined
  /** Where a token comes: as `?token=` (default), or in a first message `{"type": "auth", "token": …}` as well. */
  readonly token?: 'query' | 'message' | undefined
}

/**
 * An endpoint for clients that know nothing of Tidings.
 *
 * @example
 * plainEndpoint('/ws/progress/:userId', { channels: ({ userId }) => progress({ userId }) })
 */
export function plainEndpoint<const Path extends string>(
  path: Path,
  { channels, publish, shape = 'data', token = 'query' }: PlainEndpointOptions<Path>,
): PlainEndpoint {
  if (!/^(\/(:[A-Za-z]\w*|[\w~@+=.-]+))+$/.test(path) || path === '/v1' || path.startsWith('/v1/')) {
    throw new TypeError(
      `"${path}" cannot be a plain endpoint; it looks like "/ws/progress/:userId", and does not begin with /v1.`,
    )
  }
  // The path gives exactly the parameters that its type names.
  return { path, channels, publish, shape, token } as unknown as PlainEndpoint
}

/** What a path stands for: an endpoint with its parameters, a refusal, or undefined where no endpoint has it. */
export type PlainPlace =
  | {
      readonly endpoint: PlainEndpoint
      readonly params: Readonly<Record<string, string>>
      readonly refs: readonly ChannelRef[]
    }
  | TidingsError

export function placeOf(endpoints: readonly PlainEndpoint[], path: string): PlainPlace | undefined {
  for (const endpoint of endpoints) {
    const params = match(endpoint.path, path)
    if (!params) continue
    try {
      const refs = endpoint.channels(params)
      return { endpoint, params, refs: Array.isArray(refs) ? refs : [refs as ChannelRef] }
    } catch (cause) {
      // A parameter that no channel can have: there is nothing at such a path.
      return new TidingsError('not-found', `There is nothing at ${path.slice(0, 200)}.`, { cause })
    }
  }
  return undefined
}

function match(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const [names, values] = [pattern.split('/'), path.split('/')]
  if (names.length !== values.length) return undefined
  const params: Record<string, string> = Object.create(null)
  for (const [i, name] of names.entries()) {
    const value = decoded(values[i] as string)
    if (value === undefined) return undefined
    if (name.startsWith(':')) params[name.slice(1)] = value
    else if (name !== value) return undefined
  }
  return params
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
