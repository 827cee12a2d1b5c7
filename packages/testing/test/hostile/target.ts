// A whole server on a free port, over a memory broker unless a test brings another, on the system's clock with limits
// that a test may shorten: what the hostile peers of these tests talk to.

import type { AddressInfo } from 'node:net'
import {
  type Broker,
  createHttpServer,
  createServer,
  type Happening,
  type Identity,
  type Limits,
  type ServerOptions,
  silentLogger,
  type TidingsServer,
} from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { onTestFinished } from 'vitest'
import { contract, eventsPath, KEY } from './contract.ts'
import { Raw } from './raw.ts'
import { type Headers, upgradeRequest } from './wire.ts'

export interface TargetOptions extends Omit<Partial<ServerOptions<typeof contract>>, 'contract' | 'limits'> {
  readonly limits?: Partial<Limits>
  /** What node:http gives a peer for its headers, in milliseconds. Default 10,000, as createHttpServer has it. */
  readonly headersTimeoutMs?: number
}

export class Target {
  readonly http = createHttpServer()
  readonly broker: Broker
  readonly server: TidingsServer
  readonly happenings: Happening[] = []

  static async start(options: TargetOptions = {}): Promise<Target> {
    const target = new Target(options)
    target.server.attach(target.http)
    await new Promise<void>((resolve) => target.http.listen(0, '127.0.0.1', 4_096, resolve))
    onTestFinished(() => target.stop())
    return target
  }

  private constructor({ limits = {}, headersTimeoutMs, ...options }: TargetOptions) {
    this.broker = options.broker ?? memoryBroker()
    if (headersTimeoutMs !== undefined) this.http.headersTimeout = headersTimeoutMs
    this.server = createServer({
      contract,
      authenticate: ({ token, cookies }) => identityOf(token ?? cookies.session),
      calls: {
        note: {
          shout: ({ text }) => ({ text: text.toUpperCase() }),
          stall: () => new Promise<never>(() => {}),
        },
      },
      apiKeys: [{ key: KEY }],
      origins: ['https://app.example.com'],
      logger: silentLogger,
      observe: (happening) => this.happenings.push(happening),
      ...options,
      broker: this.broker,
      // Every test is one address; what is counted by address is set where a test is about it.
      limits: { strangersPerAddress: 100_000, failureBurst: 100_000, failuresPerSecond: 100_000, ...limits },
    })
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** TCP connections that node:http knows of: upgraded ones, too. */
  get sockets(): Promise<number> {
    return new Promise((resolve) => this.http.getConnections((_error, count) => resolve(count)))
  }

  /** Bytes both ways. */
  tcp(): Raw {
    return new Raw(this.port)
  }

  /** Sends bytes and gathers what comes back until the connection ends. */
  async exchange(...parts: readonly (string | Buffer)[]): Promise<string> {
    const raw = this.tcp()
    for (const part of parts) raw.write(part)
    await raw.ended
    return raw.text
  }

  /** A WebSocket that speaks bytes, upgraded. */
  async upgraded(headers: Headers = {}): Promise<Raw> {
    const raw = this.tcp()
    raw.write(upgradeRequest(this.port, headers))
    await raw.when(() => raw.text.includes('\r\n\r\n'), 'the answer to an upgrade')
    if (!raw.text.startsWith('HTTP/1.1 101')) throw new Error(`Not upgraded: ${raw.text}`)
    return raw
  }

  /** A WebSocket that has said hello and was welcomed. */
  async welcomed(hello: object = {}, headers: Headers = {}): Promise<Raw> {
    const raw = await this.upgraded(headers)
    raw.say({ type: 'hello', producer: `p${producers++}`, ...hello })
    await raw.heard('welcome')
    return raw
  }

  post(channelName: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.origin}${eventsPath(channelName)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }

  async read(channelName: string, query = 'after=start&limit=1000'): Promise<History> {
    const response = await this.get(`${eventsPath(channelName)}?${query}`)
    return (await response.json()) as History
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.origin}${path}`, { headers: { authorization: `Bearer ${KEY}`, ...headers } })
  }

  /** Publishes `count` entries as a backend, a hundred at a time. */
  async fill(channelName: string, count: number, text = 'x'): Promise<void> {
    for (let done = 0; done < count; ) {
      const batch = Array.from({ length: Math.min(100, count - done) }, () => ({
        type: 'said',
        data: { text },
      }))
      const response = await this.post(channelName, batch)
      if (response.status !== 201) throw new Error(`Not published: ${await response.text()}`)
      done += batch.length
    }
  }

  /** The whole server still does its work. */
  async isWell(): Promise<boolean> {
    const marker = `well ${producers++}`
    const { status } = await this.post('note/well', { type: 'said', data: { text: marker } })
    return status === 201 && (await this.get('/healthz')).status === 200
  }

  async stop(): Promise<void> {
    await this.server.close({ drainMs: 1 })
    this.http.closeAllConnections()
    await new Promise<void>((resolve) => void this.http.close(() => resolve()))
  }
}

let producers = 0

interface History {
  readonly position: string
  readonly isComplete: boolean
  readonly entries: readonly { readonly offset: number; readonly tag: string; readonly data: unknown }[]
}

/** A token is a user's name, or `name@ms` for one that ends; `bad` is nobody's. No token is nobody in particular. */
function identityOf(token: string | undefined): Identity | undefined {
  if (token === undefined) return {}
  if (token === 'bad') return undefined
  const [user, ms] = token.split('@')
  return { user: user?.slice(0, 256), expiresAt: ms === undefined ? undefined : Date.now() + Number(ms) }
}
