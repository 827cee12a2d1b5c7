// The server of a mock: the shipped hub over a log in memory. It can be restarted, with its log or without.

import type { Chance, Clock, Contract, Socket, SocketHandlers } from '@tidings/core'
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
  #hub: Hub
  #isClosed = false

  constructor(options: BackendOptions) {
    this.#options = options
    this.#hub = this.#newHub()
  }

  get hub(): Hub {
    return this.#hub
  }

  accept(socket: Socket): SocketHandlers | undefined {
    if (this.#isClosed || this.#hub.isDraining) return undefined
    return this.#hub.accept(socket, { cookies: {}, origin: undefined, address: '127.0.0.1' })
  }

  publish(channel: string, event: string, data: unknown): Promise<PublishReceipt> {
    return this.#hub.publish({ channel, events: [{ type: event, data }] })
  }

  /** As an orderly one goes: clients are told when to come back, and the last of them are sent away. */
  restart(isLogLost: boolean): void {
    if (this.#hub.isDraining) return
    this.#hub.drain(RESTART_MS)
    this.#options.clock.setTimer(RESTART_MS, () => {
      if (this.#isClosed) return
      this.#hub.close()
      if (isLogLost) this.#options.stage.lose()
      this.#hub = this.#newHub()
    })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#hub.close()
    void this.#options.stage.close()
  }

  #newHub(): Hub {
    const { stage, limits, ...options } = this.#options
    return new Hub({ ...options, broker: stage, limits: limitsWith(limits), digest: sha256 })
  }
}
