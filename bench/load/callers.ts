// Clients that publish and wait for the acknowledgement, with so many under way at a time.

import { FIRST_SERIAL } from '../system.ts'
import { Connection } from './connection.ts'
import type { Target } from './crowd.ts'
import { textFrames } from './frames.ts'

interface Caller {
  readonly connection: Connection
  readonly channel: string
  serial: number
}

export class Callers {
  readonly #target: Target
  readonly #callers: Caller[] = []
  #room = 0
  #under = 0
  #acks = 0
  #isOpen = false
  #onQuiet: () => void = () => {}

  constructor(target: Target) {
    this.#target = target
  }

  async gather(count: number): Promise<void> {
    const { wire, port } = this.#target
    for (let i = 0; i < count; i++) {
      const caller: Caller = {
        connection: new Connection({
          ...{ wire, port, steps: wire.join(undefined), mark: wire.ackMark },
          onSerials: (acks) => this.#acked(caller, acks),
        }),
        channel: `bench/caller-${this.#room++}`,
        serial: FIRST_SERIAL - 1,
      }
      await caller.connection.ready
      this.#callers.push(caller)
    }
  }

  async run({ inFlight, forMs }: { readonly inFlight: number; readonly forMs: number }): Promise<number> {
    this.#acks = 0
    this.#isOpen = true
    const quiet = new Promise<void>((resolve) => {
      this.#onQuiet = resolve
    })
    for (const caller of this.#callers) this.#publish(caller, inFlight)
    setTimeout(() => {
      this.#isOpen = false
    }, forMs)
    await quiet
    for (const { connection, serial } of this.#callers) {
      const { faults, last } = connection.serials
      if (faults > 0 || last !== serial)
        throw new Error(`${faults} acknowledgements out of order, ${serial - last} missing`)
    }
    return this.#acks
  }

  #publish(caller: Caller, count: number): void {
    const { wire } = this.#target
    this.#under += count
    caller.connection.write(
      textFrames(
        Array.from({ length: count }, () => wire.publish(caller.channel, ++caller.serial, { isAcked: true })),
        wire.pack,
      ),
    )
  }

  #acked(caller: Caller, acks: number): void {
    this.#under -= acks
    this.#acks += acks
    if (this.#isOpen) this.#publish(caller, acks)
    else if (this.#under === 0) this.#onQuiet()
  }
}
