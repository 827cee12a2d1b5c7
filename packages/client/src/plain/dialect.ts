// How a server that knows nothing of Tidings writes its messages: which keys carry the type, the data, the time. Values
// and pure functions; plain/connection.ts speaks with them.

/** What any of these servers says: something of that type has happened. */
export interface PlainMessage {
  readonly type: string
  readonly data: unknown
  /** When it happened, in milliseconds since 1970, where the server says so. */
  readonly at?: number | undefined
}

export interface Dialect {
  /** A message from what the server sent as JSON; undefined when it is none. */
  readonly read: (value: unknown) => PlainMessage | undefined
  /** What is sent, as JSON. `id` is unique on this connection. */
  readonly write: (message: PlainMessage & { readonly at: number; readonly id: string }) => unknown
}

/** The keys of a message. */
export interface DialectKeys {
  /** Default `type`. */
  readonly type?: string
  /** Default `data`. */
  readonly data?: string
  /** Left out by default. Read as milliseconds since 1970 or as ISO 8601. */
  readonly at?: string
  /** How the time is written. Default `ms`. */
  readonly atAs?: 'ms' | 'iso'
  /** Left out by default. */
  readonly id?: string
}

/**
 * A dialect by its keys; `sent` where what goes up has other ones.
 *
 * @example
 * dialect()                                                                // {"type":"said","data":{…}}
 * dialect({ data: 'payload', at: 'timestamp', id: 'messageId' })           // {"type":…,"payload":…,"timestamp":…,"messageId":…}
 * dialect({}, { type: 'event' })                                           // down {"type":…,"data":…}, up {"event":…,"data":…}
 */
export function dialect(keys: DialectKeys = {}, sent: DialectKeys = keys): Dialect {
  return { read: (value) => read(keys, value), write: (message) => write(sent, message) }
}

function read({ type = 'type', data = 'data', at }: DialectKeys, value: unknown): PlainMessage | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const said = new Map(Object.entries(value))
  const name = said.get(type)
  if (typeof name !== 'string') return undefined
  return { type: name, data: said.get(data), at: at === undefined ? undefined : timeOf(said.get(at)) }
}

function timeOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : value
  return typeof ms === 'number' && Number.isSafeInteger(ms) && ms >= 0 ? ms : undefined
}

function write(
  { type = 'type', data = 'data', at, atAs, id }: DialectKeys,
  message: Parameters<Dialect['write']>[0],
): unknown {
  return {
    [type]: message.type,
    ...(message.data !== undefined && { [data]: message.data }),
    ...(at !== undefined && { [at]: atAs === 'iso' ? new Date(message.at).toISOString() : message.at }),
    ...(id !== undefined && { [id]: message.id }),
  }
}
