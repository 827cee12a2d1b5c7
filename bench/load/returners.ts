// Readers who lose their connection, miss something, and come back.

import { FIRST_SERIAL } from '../system.ts'
import { Connection } from './connection.ts'
import { inTurns, type Target } from './crowd.ts'
import { textFrames } from './frames.ts'

const CHANNEL = 'bench/returners'
/** How many come back at the same time. */
const AT_ONCE = 64
/** How long a server may take to hand everything over. */
const PATIENCE_MS = 30_000

export interface Absence {
  readonly readers: number
  readonly events: number
}

export class Returners {
  readonly #target: Target
  #readers: Connection[] = []
  #publisher: Connection | undefined
  #serial = FIRST_SERIAL - 1
  #onAck: () => void = () => {}
  #transcripts: string[] = []

  constructor(target: Target) {
    this.#target = target
  }

  /** Everybody comes, hears one event, and is cut off; then the others talk. */
  async leave({ readers, events }: Absence): Promise<void> {
    const { port, wire } = this.#target
    if (!this.#publisher) {
      this.#publisher = new Connection({
        ...{ port, wire, steps: wire.join(undefined), mark: wire.ackMark },
        onSerials: () => this.#onAck(),
      })
      await this.#publisher.ready
    }
    this.#letGo()
    await inTurns(Array.from({ length: readers }), AT_ONCE, async () => {
      const reader = new Connection({ port, wire, steps: wire.join(CHANNEL), keepsTranscript: true })
      this.#readers.push(reader)
      await reader.ready
    })
    await this.#publish(1)
    while (this.#readers.some(({ serials }) => serials.count < 1)) await pause()
    this.#transcripts = this.#readers.map(({ transcript }) => transcript)
    this.#letGo()
    // The servers have to notice.
    await pause(300)
    await this.#publish(events)
  }

  /** Everybody comes back and gets what was missed: all of it, in order, and nothing twice. */
  async comeBack({ events }: Absence): Promise<void> {
    const { port, wire } = this.#target
    if (!wire.rejoin) throw new Error('This system has no recovery.')
    const { rejoin } = wire
    await inTurns(this.#transcripts, AT_ONCE, async (transcript) => {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`a reader came back and got ${reader.serials.count} of ${events}`)),
          PATIENCE_MS,
        )
        const reader: Connection = new Connection({
          ...{ port, wire, steps: rejoin(CHANNEL, transcript) },
          onSerials: () => {
            if (reader.serials.count < events) return
            clearTimeout(timer)
            resolve()
          },
        })
        reader.ready.catch(reject)
        this.#readers.push(reader)
      })
    })
    const wrong = this.#readers.filter(
      ({ serials }) => serials.faults > 0 || serials.count !== events || serials.last !== this.#serial,
    )
    if (wrong.length > 0) throw new Error(`${wrong.length} readers got something else than what they missed`)
  }

  #letGo(): void {
    for (const reader of this.#readers) reader.cut()
    this.#readers = []
  }

  async #publish(count: number): Promise<void> {
    const { wire } = this.#target
    const publisher = this.#publisher as Connection
    const texts = Array.from({ length: count }, () =>
      wire.publish(CHANNEL, ++this.#serial, { isAcked: true }),
    )
    const acked = new Promise<void>((resolve) => {
      this.#onAck = () => {
        if (publisher.serials.last === this.#serial) resolve()
      }
    })
    publisher.write(textFrames(texts, wire.pack))
    await acked
  }
}

const pause = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms))
