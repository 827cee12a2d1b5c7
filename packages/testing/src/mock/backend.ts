// The server of a mock: the shipped hub over a log in memory. It can be restarted, with its log or without.

import {
  type Chance,
  type Clock,
  type Contract,
  type Socket,
  type SocketHandlers,
  TidingsError,
} from '@tidings/core'
import type { Authenticate, Authorize, Limits, Observe } from '@tidings/server'
import { Hub, type HubOptions, limitsWith, type PublishReceipt } from '@tidings/server/parts'
import { sha256 } from './sha256.ts'
import type { Stage } from './stage.ts'

export interface BackendOptions {
  readonly contract: Contract
  readonly stage: Stage
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly calls: HubOptions['calls']
  readonly limits: Partial<Limits>
  readonly clock: Clock
  readonly chance: Chance
  readonly observe: Observe
}

/** A restart, from the first word of it until the server is back, in milliseconds. */
const RESTART_MS = 1_500

export class Backend {
  readonly #options: BackendOptions
  /** Made when it is first needed: a hub looks at its deadlines every second from then on. */
  #hub: Hub | undefined
  #isClosed = false

  constructor(options: BackendOptions) {
    this.#options = options
  }

  accept(socket: Socket): SocketHandlers | undefined {
    if (this.#isClosed) return undefined
    this.#hub ??= this.#newHub()
    if (this.#hub.isDraining) return undefined
    return this.#hub.accept(socket, { cookies: {}, origin: undefined, address: '127.0.0.1' })
  }

  async publish(channel: string, event: string, data: unknown): Promise<PublishReceipt> {
    if (this.#isClosed) throw new TidingsError('unavailable', 'The mock is closed.', { channel })
    this.#hub ??= this.#newHub()
    return this.#hub.publish({ channel, events: [{ type: event, data }] })
  }

  /** As an orderly one goes: clients are told when to come back, and the last of them are sent away. */
  restart(isLogLost: boolean): void {
    const hub = (this.#hub ??= this.#newHub())
    if (hub.isDraining) return
    hub.drain(RESTART_MS)
    this.#options.clock.setTimer(RESTART_MS, () => {
      if (this.#isClosed) return
      hub.close()
      if (isLogLost) this.#options.stage.lose()
      this.#hub = undefined
    })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#hub?.close()
    void this.#options.stage.end()
  }

  #newHub(): Hub {
    const { stage, limits, ...options } = this.#options
    return new Hub({ ...options, broker: stage, limits: limitsWith(limits), digest: sha256 })
  }
}
