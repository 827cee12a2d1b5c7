// The mock on a port: the shipped server with its real rim of HTTP and WebSocket, over the log of a mock. For pages that
// shall meet a real network, programs in other languages, and browsers that a test drives.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Source } from '@tidings/client'
import type {
  AnyDefinition,
  Cancel,
  ChannelRef,
  Contract,
  EventInput,
  EventName,
  Position,
} from '@tidings/core'
import {
  type CallHandlers,
  createHttpServer,
  createServer,
  type PlainEndpoint,
  silentLogger,
  type TidingsServer,
} from '@tidings/server'
import { type Fault, isLasting, type LastingFault } from '../mock/faults.ts'
import type { MockOptions } from '../mock/options.ts'
import { Scene } from '../mock/scene.ts'
import { Weather } from '../mock/weather.ts'
import { control, isControl } from './controls.ts'
import { Wire } from './wire.ts'

export interface MockServerOptions<C extends Contract> extends MockOptions<C> {
  /** Default 0: any free one. */
  readonly port?: number | undefined
  /** Default 127.0.0.1: this machine alone. */
  readonly host?: string | undefined
  /** Origins of pages that may connect, beside those of this machine. */
  readonly origins?: readonly string[] | undefined
  readonly plain?: readonly PlainEndpoint[] | undefined
}

export interface MockServer {
  /** `http://127.0.0.1:4100`: what a client is given as its `url`. */
  readonly url: string
  readonly port: number
  publish<D extends AnyDefinition, Name extends EventName<D>>(
    channel: ChannelRef<D>,
    event: Name,
    data?: EventInput<D, Name>,
  ): Promise<Position>
  every<D extends AnyDefinition>(
    everyMs: number,
    channel: ChannelRef<D>,
    ...events: readonly EventName<D>[]
  ): Cancel
  fault(name: Fault): void
  restore(name?: LastingFault): void
  readonly faults: Source<ReadonlySet<LastingFault>>
  close(): Promise<void>
  /** `await using mock = await startMockServer({ contract })` */
  [Symbol.asyncDispose](): Promise<void>
}

const RESTART_MS = 1_500

/**
 * Resolves when it listens. Rejects where the port is taken.
 *
 * @example
 * const mock = await startMockServer({ contract, history: 12, everyMs: 5_000 })
 */
export async function startMockServer<C extends Contract>(
  options: MockServerOptions<C>,
): Promise<MockServer> {
  const mock = new OnPort(options as unknown as MockServerOptions<Contract>)
  await mock.listen()
  return mock
}

class OnPort implements MockServer {
  readonly faults: Source<ReadonlySet<LastingFault>>
  readonly #options: MockServerOptions<Contract>
  readonly #scene: Scene
  readonly #weather: Weather
  readonly #http: Server = createHttpServer()
  readonly #wires = new Set<Wire>()
  readonly #connections = new Set<string>()
  #server: TidingsServer
  #isRestarting = false
  #isClosed = false

  constructor(options: MockServerOptions<Contract>) {
    this.#options = options
    this.#scene = new Scene(options, (ref, event) => this.publish(ref, event as never))
    this.faults = this.#scene.faults
    const { clock, chance } = this.#scene
    this.#weather = new Weather({ clock, chance, has: (fault) => this.#scene.has(fault) })
    this.#server = this.#newServer()
    this.#http.on('request', (request, response) => void this.#answer(request, response))
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port
  }

  get url(): string {
    const { host = '127.0.0.1' } = this.#options
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`
  }

  listen(): Promise<void> {
    const { port = 0, host = '127.0.0.1' } = this.#options
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen(port, host, () => {
        this.#http.off('error', reject)
        this.#scene.begin()
        resolve()
      })
    })
  }

  async publish(ref: ChannelRef, event: string, data?: unknown): Promise<Position> {
    const given = this.#scene.dataFor(ref, event, data)
    return (await this.#server.publish(ref, event, given)).position
  }

  every(everyMs: number, ref: ChannelRef, ...events: readonly string[]): Cancel {
    return this.#scene.every(everyMs, () => this.#scene.happeningsOf(ref, events))
  }

  fault(name: Fault): void {
    if (isLasting(name)) {
      if (this.#scene.add(name)) this.#begin(name)
      return
    }
    switch (name) {
      case 'drop':
        return this.#cut()
      case 'half-open':
        for (const wire of this.#wires) wire.silence()
        return
      case 'expired-token':
        for (const connection of this.#connections) this.#server.revoke({ connection })
        this.#connections.clear()
        return
      case 'server-restart':
        return void this.#restart(false)
      case 'history-lost':
        return void this.#restart(true)
    }
  }

  restore(name?: LastingFault): void {
    this.#scene.remove(name)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#scene.close()
    await this.#server.close({ drainMs: 0 })
    this.#cut()
    await this.#scene.stage.end()
    const closed = new Promise<void>((resolve) => void this.#http.close(() => resolve()))
    this.#http.closeAllConnections()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #begin(fault: LastingFault): void {
    switch (fault) {
      case 'offline':
      case 'unreachable':
      case 'signed-out':
        return this.#cut()
      case 'flaky':
        for (const wire of this.#wires) this.#breakLater(wire)
        return
      case 'slow':
      case 'read-only':
      case 'log-down':
        return
    }
  }

  #newServer(): TidingsServer {
    const { stage, clock, authenticate, authorize, calls, observe } = this.#scene
    const { contract, limits, plain, origins = [] } = this.#options
    return createServer({
      ...{ contract, broker: stage, authenticate, authorize, limits, plain, clock, logger: silentLogger },
      calls: calls as unknown as CallHandlers<Contract>,
      ...{ origins, allowsLoopbackOrigins: true },
      observe: (happening) => {
        if (happening.name === 'welcomed') this.#connections.add(happening.connection)
        observe(happening)
      },
    })
  }

  /** Clients are told, the server goes away, and another one stands in its place. */
  async #restart(isLogLost: boolean): Promise<void> {
    if (this.#isRestarting || this.#isClosed) return
    this.#isRestarting = true
    await this.#server.close({ drainMs: RESTART_MS })
    this.#connections.clear()
    if (isLogLost) this.#scene.stage.lose()
    this.#isRestarting = false
    if (!this.#isClosed) this.#server = this.#newServer()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] as string
    if (isControl(path)) {
      return control(request, response, {
        contract: this.#options.contract,
        lasting: () => this.faults.get(),
        fault: (name) => this.fault(name),
        restore: (name) => this.restore(name),
        publish: (ref, event, data) => this.publish(ref, event, data),
      })
    }
    if (this.#weather.loses()) return void request.socket.destroy()
    const waitMs = this.#weather.latencyMs()
    if (waitMs > 0) await new Promise<void>((resolve) => void this.#scene.clock.setTimer(waitMs, resolve))
    if (!(await this.#server.handle(request, response))) response.writeHead(404).end()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#weather.loses()) return void socket.destroy()
    const wire = new Wire(socket, { clock: this.#scene.clock, latencyMs: () => this.#weather.latencyMs() })
    this.#wires.add(wire)
    wire.on('close', () => this.#wires.delete(wire))
    if (this.#scene.has('flaky')) this.#breakLater(wire)
    if (!this.#server.upgrade(request, wire, head)) wire.destroy()
  }

  #cut(): void {
    for (const wire of this.#wires) wire.destroy()
  }

  #breakLater(wire: Wire): void {
    wire.once(
      'close',
      this.#weather.breakLater(() => wire.destroy()),
    )
  }
}
