// A server node: the shipped hub on a machine of its own, with its way to the log. It can be started, drained, closed
// and killed; what a killed one still believes reaches nobody.

import { createHash } from 'node:crypto'
import type { Chance, Socket, SocketHandlers } from '@tidings/core'
import type { AuthorizeRequest, Broker, Happening, Limits } from '@tidings/server'
import { Hub, limitsWith } from '@tidings/server/parts'
import { anyContract } from './contract.ts'
import { Machine } from './machine.ts'
import type { Destination } from './network.ts'
import type { Access } from './store.ts'
import type { Timeline } from './timeline.ts'
import { tokenEnd } from './wiretap.ts'

export interface ServerNodeOptions {
  readonly name: string
  readonly timeline: Timeline
  readonly chance: Chance
  readonly limits: Partial<Limits>
  readonly authorize: (request: AuthorizeRequest) => boolean
  /** Tokens that are not accepted any more, by person. */
  readonly isRefused: (user: string) => boolean
  readonly openLog: (machine: Machine) => Access
  /** What stands before the log for the hub; itself, unless a bug is planted. */
  readonly wrapLog: ((broker: Broker) => Broker) | undefined
  readonly observe: (happening: Happening) => void
}

export class ServerNode implements Destination {
  readonly name: string
  readonly machine: Machine
  readonly hub: Hub
  readonly access: Access
  /** Whether the load balancer sends connections here. */
  isListed = true
  readonly #options: ServerNodeOptions

  constructor(options: ServerNodeOptions) {
    const { name, timeline, chance, limits, authorize, openLog, wrapLog, observe } = options
    this.#options = options
    this.name = name
    this.machine = new Machine(timeline)
    this.access = openLog(this.machine)
    this.hub = new Hub({
      contract: anyContract,
      broker: wrapLog ? wrapLog(this.access.broker) : this.access.broker,
      authenticate: ({ token }) => this.#authenticate(token),
      authorize,
      calls: { sheet: { sum: (input) => input } },
      limits: limitsWith(limits),
      clock: this.machine,
      chance,
      digest,
      observe,
    })
  }

  get isRunning(): boolean {
    return this.machine.isRunning
  }

  accept(socket: Socket): SocketHandlers {
    return this.hub.accept(socket, { cookies: {}, origin: undefined, address: '10.0.0.1' })
  }

  /** Stops in an orderly way: connections are told, the log is let go of. */
  async close(): Promise<void> {
    this.isListed = false
    this.hub.close()
    await this.access.broker.close()
  }

  /** The process is gone in the middle of whatever it did. */
  kill(): void {
    this.isListed = false
    this.machine.kill()
    void this.access.broker.close()
  }

  /** A token is `person`, or `person@milliseconds` with its end. */
  #authenticate(token: string | undefined) {
    const [user] = token?.split('@') ?? []
    if (user === undefined || this.#options.isRefused(user)) return undefined
    return { user, expiresAt: tokenEnd(token) }
  }
}

const digests = new Map<string, string>()

/** SHA-256, remembered: the same few names are asked for again and again. */
function digest(text: string): string {
  let found = digests.get(text)
  if (found === undefined) {
    found = createHash('sha256').update(text).digest('hex')
    if (digests.size > 4_096) digests.clear()
    digests.set(text, found)
  }
  return found
}
