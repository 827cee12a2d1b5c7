// Carries the outbox's writes: sends what it names next, hears the answers, and waits out the pauses.

import { parsePosition } from '@tidings/core'
import { Alarm } from './alarm.ts'
import type { Link } from './link.ts'
import type { Outbox } from './outbox.ts'
import { type Answer, problemOf } from './requests.ts'
import type { Write } from './write.ts'

export class Courier {
  readonly #link: Link
  readonly #outbox: Outbox
  readonly #pause: Alarm

  constructor(link: Link, outbox: Outbox) {
    this.#link = link
    this.#outbox = outbox
    this.#pause = new Alarm(link.clock, () => link.schedule())
  }

  /** Sends what is due. */
  sync(): void {
    const now = this.#link.clock.monotonic()
    this.#outbox.expire(this.#link.clock.now())
    for (let write = this.#outbox.next(now); write; write = this.#outbox.next(now)) this.#send(write)
    const wakeAt = this.#outbox.wakeAt(now)
    if (wakeAt === undefined) this.#pause.stop()
    else this.#pause.set(wakeAt - now)
  }

  dropped(): void {
    this.#pause.stop()
    this.#outbox.dropped()
  }

  #send(write: Write): void {
    const id = this.#link.requests.open((answer) => this.#answered(write, id, answer))
    this.#outbox.sent(write, id)
    const { sequence, previous, draft } = write
    const { producerEpoch } = this.#outbox
    const head = JSON.stringify({
      type: 'publish',
      id,
      channel: draft.channel,
      event: draft.event,
      sequence,
      previous,
      ...(producerEpoch > 0 && { producerEpoch }),
    })
    this.#link.send(`${head.slice(0, -1)},"data":${draft.text}}`)
  }

  #answered(write: Write, id: number, answer: Answer): void {
    // It was taken back meanwhile, and is sent again under another request.
    if (write.request !== id) return
    const position = answer.type === 'ack' ? parsePosition(answer.position) : undefined
    if (answer.type === 'ack' && position) this.#outbox.accepted(write, position, answer.duplicate ?? false)
    else {
      const last = answer.type === 'error' ? answer.sequence : undefined
      this.#outbox.failed(write, problemOf(answer), { now: this.#link.clock.monotonic(), last })
    }
    this.#link.schedule()
  }
}
