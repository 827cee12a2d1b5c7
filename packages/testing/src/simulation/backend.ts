// The application's own servers: they publish through whichever node they reach, under an idempotency key, and try
// again under the same key until they know.

import type { Cancel, Chance, Position } from '@tidings/core'
import { Machine } from './machine.ts'
import type { ServerNode } from './server-node.ts'
import type { Timeline } from './timeline.ts'

export interface Order {
  readonly channel: string
  readonly numbers: readonly number[]
  readonly pad: string
  /** Position of the last entry, once the log has them all. */
  acknowledged?: Position
}

export interface BackendOptions {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly pick: () => ServerNode | undefined
  readonly note: (what: string) => void
}

/** A node that has not answered after this time may be dead, in milliseconds. */
const PATIENCE_MS = 1_500
const RETRY_MS = 300

export class Backend {
  readonly machine: Machine
  readonly orders: Order[] = []
  readonly #options: BackendOptions
  #open = 0

  constructor(options: BackendOptions) {
    this.#options = options
    this.machine = new Machine(options.timeline)
  }

  get isIdle(): boolean {
    return this.#open === 0
  }

  publish(order: Order): void {
    this.orders.push(order)
    this.#open++
    this.#attempt(order, 1)
  }

  #attempt(order: Order, count: number): void {
    const { pick, note } = this.#options
    let isOver = false
    const over = (then: () => void) => {
      if (isOver) return
      isOver = true
      stop()
      then()
    }
    const again = (why: string) => {
      note(`tries ${order.channel} ${order.numbers[0]} again: ${why}`)
      this.machine.setTimer(RETRY_MS, () => this.#attempt(order, count + 1))
    }
    const stop: Cancel = this.machine.setTimer(PATIENCE_MS, () => over(() => again('no answer')))
    const node = pick()
    if (!node) return over(() => again('no node'))
    const { channel, numbers, pad } = order
    const key = `backend ${numbers[0]}`
    const events = numbers.map((n) => ({ type: 'marked', data: pad ? { n, pad } : { n } }))
    node.hub
      .publish({ channel, events, identity: { kind: 'key', key, digest: JSON.stringify(numbers) } })
      .then(
        ({ position }) =>
          over(() => {
            order.acknowledged = position
            this.#open--
            note(`has ${channel} ${numbers[0]} at ${position.offset}`)
          }),
        (error: Error) => over(() => again(error.message)),
      )
  }
}
