// The whole server behind a real node:http on a free port, over a memory broker: what the tests of its rim talk to.
// Sockets and turns are real; timers stand still until a test lets time pass.

import { Agent, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { channel, defineContract, systemClock } from '@tidings/core'
import { VirtualClock } from '@tidings/core/testing'
import {
  type Authenticate,
  type Broker,
  type CallHandlers,
  createHttpServer,
  createServer,
  type Happening,
  type ServerOptions,
  silentLogger,
  type TidingsServer,
} from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import * as z from 'zod'

export const note = channel('note/:room', {
  events: { said: z.object({ text: z.string().min(1) }), cleared: z.object({}) },
  presence: z.object({ name: z.string() }),
  calls: { shout: { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) } },
})
export const contract = defineContract({ note })

export const KEY = 'a-key-of-some-length-0123'
export const NOTE_KEY = 'a-key-for-one-channel-456'

/** Turns of the event loop are the platform's; time is the test's. */
export class SteppedClock extends VirtualClock {
  override endOfTurn(run: () => void): void {
    systemClock.endOfTurn(run)
  }
}

/** A token `user:ada` is Ada's; `slow:ada` is hers for a minute; a cookie `session=ada`, too. Nothing at all is nobody. */
const authenticate =
  (clock: SteppedClock): Authenticate =>
  ({ token, cookies }) => {
    if (token?.startsWith('user:')) return { user: token.slice(5) }
    if (token?.startsWith('slow:')) return { user: token.slice(5), expiresAt: clock.now() + 60_000 }
    if (token !== undefined) return undefined
    return { user: cookies.session }
  }

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly json: any
}

export interface Asked {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly agent?: Agent
}

type Options = Omit<Partial<ServerOptions<typeof contract>>, 'contract' | 'clock'>

export class Rim {
  readonly clock = new SteppedClock()
  readonly broker: Broker
  readonly server: TidingsServer
  readonly http = createHttpServer()
  readonly happenings: Happening[] = []
  readonly forbidden = new Set<string>()
  #sockets: WebSocket[] = []

  static async start(options: Options = {}): Promise<Rim> {
    const rim = new Rim(options)
    rim.server.attach(rim.http)
    await new Promise<void>((resolve) => rim.http.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => rim.stop())
    return rim
  }

  private constructor(options: Options) {
    this.broker = options.broker ?? memoryBroker({ clock: this.clock })
    this.server = createServer({
      contract,
      broker: this.broker,
      authenticate: authenticate(this.clock),
      authorize: ({ identity, channel }) => !this.forbidden.has(channel) && identity.user !== 'mallory',
      calls: { note: { shout: ({ text }) => ({ text: text.toUpperCase() }) } } satisfies CallHandlers<
        typeof contract
      >,
      apiKeys: [{ key: KEY }, { key: NOTE_KEY, channels: ['note/one', 'note/:room/sub'] }],
      origins: ['https://app.example.com'],
      logger: silentLogger,
      clock: this.clock,
      observe: (happening) => this.happenings.push(happening),
      ...options,
    })
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  ask(path: string, { method = 'GET', headers = {}, body, agent = new Agent() }: Asked = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        { host: '127.0.0.1', port: this.port, path, method, headers, agent },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const isJson = response.headers['content-type']?.includes('json')
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: isJson && text ? JSON.parse(text) : undefined,
            })
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  post(body: unknown, headers: OutgoingHttpHeaders = {}, channel = 'note/lobby'): Promise<Reply> {
    return this.ask(eventsPath(channel), {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body),
    })
  }

  read(query = '', headers: OutgoingHttpHeaders = {}, channel = 'note/lobby'): Promise<Reply> {
    return this.ask(`${eventsPath(channel)}${query}`, {
      headers: { authorization: `Bearer ${KEY}`, ...headers },
    })
  }

  /** Bytes as they are, and everything that came back until the connection ended. */
  async raw(...parts: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1')
      let heard = ''
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1')
      })
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve(heard) : reject(error),
      )
      socket.on('close', () => resolve(heard))
      for (const part of parts) socket.write(part, 'latin1')
    })
  }

  /** A stream of events; what it sends gathers in `text`. */
  async stream(query = '', headers: OutgoingHttpHeaders = {}, channel = 'note/lobby'): Promise<Stream> {
    const stream = new Stream()
    const sent = httpRequest({
      ...{ host: '127.0.0.1', port: this.port, path: `${eventsPath(channel)}${query}`, agent: new Agent() },
      headers: given({ authorization: `Bearer ${KEY}`, accept: 'text/event-stream', ...headers }),
    })
    sent.on('error', () => {})
    onTestFinished(() => void sent.destroy())
    await new Promise<void>((resolve) => {
      sent.on('response', (response) => {
        stream.status = response.statusCode ?? 0
        stream.headers = response.headers
        stream.pause = () => response.pause()
        stream.resume = () => response.resume()
        response.on('data', (chunk: Buffer) => {
          stream.text += chunk.toString()
        })
        response.on('error', () => {})
        response.on('close', () => {
          stream.isOver = true
        })
        resolve()
      })
      sent.end()
    })
    stream.destroy = () => sent.destroy()
    return stream
  }

  /** A WebSocket that may or may not come to be. */
  dial(
    options: ClientOptions = {},
    protocols: string | readonly string[] = 'tidings.v1.json',
    path = '/v1/socket',
  ): Dialled {
    const webSocket = new WebSocket(`ws://${this.host}${path}`, protocols as string[], options)
    this.#sockets.push(webSocket)
    return new Dialled(webSocket)
  }

  async welcomed(token?: string, options?: ClientOptions): Promise<Dialled> {
    const dialled = this.dial(options)
    await dialled.opened
    dialled.send({ type: 'hello', producer: 'p1', ...(token !== undefined && { token }) })
    await until(() => dialled.text.includes('"welcome"'))
    return dialled
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate()
    const closed = this.server.close({ drainMs: 1 })
    await this.clock.advance(1_000)
    await untilDone(closed, this.clock)
    this.http.closeAllConnections()
    await new Promise<void>((resolve) => void this.http.close(() => resolve()))
  }
}

export class Stream {
  status = 0
  headers: IncomingHttpHeaders = {}
  text = ''
  isOver = false
  destroy = () => {}
  pause: () => unknown = () => {}
  resume: () => unknown = () => {}

  /** The data of the events of this name. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  data(name: string): any[] {
    return this.blocks()
      .filter((block) => block.includes(`event: ${name}\n`))
      .map((block) => JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'))
  }

  get lastId(): string {
    return [...this.text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? ''
  }

  blocks(): string[] {
    // What follows the last empty line has not arrived whole.
    return this.text
      .split('\n\n')
      .slice(0, -1)
      .map((block) => `${block}\n`)
  }
}

export class Dialled {
  readonly webSocket: WebSocket
  text = ''
  /** The last message: what is long takes long to look through again and again. */
  latest = ''
  readonly opened: Promise<void>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  /** The status with which the upgrade was refused. */
  readonly refused: Promise<Reply>

  constructor(webSocket: WebSocket) {
    this.webSocket = webSocket
    webSocket.on('error', () => {})
    webSocket.on('message', (data) => {
      this.latest = data.toString()
      this.text += `${this.latest}\n`
    })
    this.opened = new Promise((resolve) => webSocket.on('open', resolve))
    this.closed = new Promise((resolve) =>
      webSocket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    )
    this.refused = new Promise((resolve) =>
      webSocket.on('unexpected-response', (_request, response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: JSON.parse(text),
          }),
        )
        response.on('error', () => {})
      }),
    )
  }

  send(frame: unknown): void {
    this.webSocket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }
}

/** Headers but for those that a test has set to undefined. */
function given(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
}

export const eventsPath = (channel: string) => `/v1/channels/${encodeURIComponent(channel)}/events`

/** Waits for what the network brings; fails after five seconds. */
export async function until(isSo: () => boolean, what = isSo.toString()): Promise<void> {
  const deadline = performance.now() + 40_000
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Lets time pass until `work` is done. */
export async function untilDone<T>(work: Promise<T>, clock: SteppedClock): Promise<T> {
  let isDone = false
  void work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await clock.advance(20)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return work
}
