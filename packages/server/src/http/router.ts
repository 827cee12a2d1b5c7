// From a request to its resource, and from whatever that throws to an answer. Every request gets exactly one answer.

import {
  type Chance,
  type ChannelRef,
  type Clock,
  type Contract,
  SUBPROTOCOL,
  TidingsError,
} from '@tidings/core'
import type { ApiKeys } from '../api-keys.ts'
import type { Authenticate, Authorize } from '../authority.ts'
import type { Hub } from '../hub.ts'
import type { Limits } from '../limits.ts'
import type { Observe } from '../observe.ts'
import { type OriginRule, type OriginVerdict, originRefusal } from '../origins.ts'
import { unknownChannel } from '../publishing.ts'
import type { Strangers } from '../strangers.ts'
import { append } from './append.ts'
import { type Asker, Askers } from './asker.ts'
import { corsHeaders, optionsAnswer } from './cors.ts'
import { EventStreams } from './event-streams.ts'
import {
  type Answer,
  type Headers,
  type HttpRequest,
  isStream,
  jsonAnswer,
  type StreamAnswer,
} from './exchange.ts'
import {
  healthz,
  type MetricsAccess,
  type MetricsText,
  metricsAnswer,
  type Readiness,
  readyz,
  requireMetricsAccess,
} from './health.ts'
import { history, parseAfter } from './history.ts'
import { problemAnswer, toTidingsError } from './problem.ts'
import { StreamSockets } from './stream-sockets.ts'

export interface RouterOptions {
  readonly contract: Contract
  readonly hub: Hub
  readonly apiKeys: ApiKeys
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly origins: OriginRule
  readonly strangers: Strangers
  readonly limits: Limits
  readonly clock: Clock
  readonly chance: Chance
  /** SHA-256 in hex. */
  readonly digest: (text: string) => string
  readonly readiness: () => Readiness
  readonly metrics: () => Promise<MetricsText>
  readonly metricsAccess: MetricsAccess
  readonly observe: Observe
}

export const SOCKET_PATH = '/v1/socket'
/** Where a connection over HTTP is opened; its requests go to a path below. */
const STREAM_PATH = '/v1/stream'

type Handler = (request: HttpRequest, origin: OriginVerdict) => Promise<Answer | StreamAnswer>
type Resource = Readonly<Partial<Record<'GET' | 'POST', Handler>>>

export class Router {
  readonly streams: EventStreams
  readonly #streamSockets: StreamSockets
  readonly #options: RouterOptions
  readonly #askers: Askers
  readonly #watched: ReadonlyMap<string, Resource>

  constructor(options: RouterOptions) {
    this.#options = options
    this.streams = new EventStreams(options)
    this.#streamSockets = new StreamSockets(options)
    this.#askers = new Askers(options)
    this.#watched = new Map<string, Resource>([
      ['/healthz', { GET: async () => healthz() }],
      ['/readyz', { GET: async () => readyz(options.readiness()) }],
      ['/metrics', { GET: (request) => this.#metrics(request) }],
    ])
  }

  /** Whether this path is the server's to answer; every other belongs to the application. */
  owns(path: string): boolean {
    return this.#watched.has(path) || path === '/v1' || path.startsWith('/v1/')
  }

  /** Never rejects. */
  async answer(request: HttpRequest): Promise<Answer | StreamAnswer> {
    const origin = this.#options.origins({
      origin: request.header('origin'),
      host: request.header('host'),
      isSecure: request.isSecure,
    })
    const answer = await this.#inTime(this.#attempt(request, origin), request)
    const headers = { ...corsHeaders(request, origin), 'x-content-type-options': 'nosniff' }
    return { ...answer, headers: { ...answer.headers, ...headers } }
  }

  async #attempt(request: HttpRequest, origin: OriginVerdict): Promise<Answer | StreamAnswer> {
    try {
      return await this.#route(request, origin)
    } catch (thrown) {
      return this.#refuse(request, toTidingsError(thrown))
    }
  }

  #refuse(request: HttpRequest, error: TidingsError): Answer {
    const { observe } = this.#options
    const { code, channel } = error
    if (code === 'internal')
      observe({ name: 'fault', where: `${request.method} over HTTP`, error: error.cause ?? error })
    const detail = code === 'origin-refused' ? error.message : undefined
    observe({ name: 'refused', what: request.method, code, channel, user: undefined, detail })
    return problemAnswer(error, headersFor(request, error))
  }

  /** The application's functions, or the log, may never answer: the peer gets an answer nevertheless. */
  #inTime(answer: Promise<Answer | StreamAnswer>, request: HttpRequest): Promise<Answer | StreamAnswer> {
    const { clock, limits } = this.#options
    return new Promise((resolve) => {
      let isLate = false
      const cancel = clock.setTimer(limits.answerTimeoutMs, () => {
        isLate = true
        resolve(
          this.#refuse(
            request,
            new TidingsError('timeout', `There was no answer within ${limits.answerTimeoutMs} ms.`),
          ),
        )
      })
      void answer.then((found) => {
        cancel()
        if (isLate && isStream(found)) found.abandon()
        resolve(found)
      })
    })
  }

  #route(request: HttpRequest, origin: OriginVerdict): Promise<Answer | StreamAnswer> {
    const watched = this.#watched.get(request.path)
    if (watched) return dispatch(watched, request, origin)
    if (origin === 'foreign') {
      throw originRefusal({ origin: request.header('origin'), host: request.header('host') })
    }
    return dispatch(this.#resource(request.path), request, origin)
  }

  async #metrics(request: HttpRequest): Promise<Answer> {
    const { metrics, metricsAccess, digest } = this.#options
    requireMetricsAccess(request, metricsAccess, digest)
    return metricsAnswer(await metrics())
  }

  #resource(path: string): Resource {
    if (path === SOCKET_PATH) return { GET: upgradeRequired }
    if (path === STREAM_PATH) return { POST: (request, origin) => this.#streamSockets.open(request, origin) }
    if (path.startsWith(`${STREAM_PATH}/`))
      return { POST: (request) => this.#streamSockets.take(request, path.slice(STREAM_PATH.length + 1)) }
    const [, segment, kind] = /^\/v1\/channels\/([^/]+)\/(events|presence)$/.exec(path) ?? []
    if (segment === undefined) throw notFound(path)
    if (kind === 'presence')
      return { GET: this.#asAsker(segment, (_request, asker, ref) => this.#presence(asker, ref)) }
    return {
      GET: this.#asAsker(segment, (request, asker, ref) => this.#read(request, asker, ref)),
      POST: this.#asAsker(segment, (request, asker, ref) =>
        append(request, asker, ref, { ...this.#options, maxEvents: this.#options.limits.batchEvents }),
      ),
    }
  }

  /** First who asks, then what for: a stranger learns nothing about channels. */
  #asAsker(
    segment: string,
    handle: (request: HttpRequest, asker: Asker, ref: ChannelRef) => Promise<Answer | StreamAnswer>,
  ): Handler {
    return async (request, origin) => {
      const asker = await this.#askers.identify(request, origin)
      const name = decodeSegment(segment)
      const ref = this.#options.contract.resolve(name)
      if (!ref) throw unknownChannel(name)
      return handle(request, asker, ref)
    }
  }

  async #read(request: HttpRequest, asker: Asker, ref: ChannelRef): Promise<Answer | StreamAnswer> {
    await mayRead(asker, ref)
    if (!acceptsEvents(request.header('accept'))) return history(request, ref, this.#options.hub)
    const after = parseAfter(request.header('last-event-id') ?? request.query.get('after'), 'now')
    // HEAD asks what GET would say, not for a stream that nobody reads.
    if (request.method === 'HEAD')
      return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: '' }
    return this.streams.open(asker, ref, after)
  }

  async #presence(asker: Asker, ref: ChannelRef): Promise<Answer> {
    await mayRead(asker, ref)
    const { total, members } = this.#options.hub.presence(ref.name)
    return jsonAnswer(200, `${JSON.stringify({ total, members })}\n`)
  }
}

async function mayRead(asker: Asker, ref: ChannelRef): Promise<void> {
  if (await asker.may('subscribe', ref)) return
  throw new TidingsError('forbidden', `You may not read ${ref.name}.`, { channel: ref.name })
}

async function dispatch(
  resource: Resource,
  request: HttpRequest,
  origin: OriginVerdict,
): Promise<Answer | StreamAnswer> {
  if (request.method === 'OPTIONS') return optionsAnswer(request, allowOf(resource))
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = method === 'GET' || method === 'POST' ? resource[method] : undefined
  if (!handler) throw new MethodNotAllowed(request, allowOf(resource))
  return handler(request, origin)
}

class MethodNotAllowed extends TidingsError {
  readonly allow: string

  constructor({ path, method }: HttpRequest, allow: string) {
    super('method-not-allowed', `${path} answers ${allow}, not ${method}.`)
    this.allow = allow
  }
}

const allowOf = (resource: Resource) =>
  [...(resource.GET ? ['GET', 'HEAD'] : []), ...(resource.POST ? ['POST'] : []), 'OPTIONS'].join(', ')

async function upgradeRequired(): Promise<Answer> {
  const error = new TidingsError(
    'unsupported-version',
    `${SOCKET_PATH} is for WebSockets with the subprotocol ${SUBPROTOCOL}.`,
  )
  return problemAnswer(error, { upgrade: 'websocket', connection: 'upgrade' })
}

function notFound(path: string): TidingsError {
  const [, first, rest, kind] = /^\/v1\/channels\/([^/]+)\/(.+)\/(events|presence)$/.exec(path) ?? []
  const hint =
    first === undefined
      ? ''
      : ` A channel is one segment: /v1/channels/${encodeURIComponent(`${first}/${rest}`)}/${kind}.`
  return new TidingsError('not-found', `There is nothing at ${path.slice(0, 200)}.${hint}`)
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new TidingsError('bad-request', 'The channel in the path is not percent-encoded UTF-8.', {
      field: 'channel',
    })
  }
}

/** Whether the Accept header names event streams; anything else gets JSON. */
function acceptsEvents(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => {
    const [type, ...parameters] = range
      .toLowerCase()
      .split(';')
      .map((part) => part.trim())
    return type === 'text/event-stream' && !parameters.some((part) => /^q=0(\.0*)?$/.test(part))
  })
}

/** What else an answer to this request must say: the methods there are, or the number that left a gap [HT4]. */
function headersFor(request: HttpRequest, error: TidingsError): Headers {
  if (error instanceof MethodNotAllowed) return { allow: error.allow }
  const sequence = request.header('producer-seq')
  return error.code === 'sequence-gap' && sequence !== undefined ? { 'producer-received-seq': sequence } : {}
}
