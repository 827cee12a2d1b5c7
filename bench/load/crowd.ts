// Subscribers on channels, and publishers who go on when everybody has what they said last. What everybody got is
// counted and checked, so a figure stands for deliveries that were complete and in order.

import { FIRST_SERIAL, type Wire } from '../system.ts'
import { Connection } from './connection.ts'
import { EventStreamReader } from './event-stream-reader.ts'
import { textFrames } from './frames.ts'
import { type Latency, latencies } from './latency.ts'
import type { Serials } from './serials.ts'

export interface Target {
  readonly port: number
  readonly wire: Wire
}

export interface CrowdShape {
  readonly channels: number
  readonly subscribers: number
  readonly publishers: number
  /** Readers by server-sent events instead of WebSockets. */
  readonly isEventStream?: boolean | undefined
}

/** What is said. */
export interface Speech {
  /** Events at once. */
  readonly burst: number
  readonly forMs: number
  /** What an event carries; default: a sentence or two. */
  readonly body?: string | undefined
}

export interface Flow {
  readonly events: number
  readonly deliveries: number
}

/** Somebody who listens. */
export interface Reader {
  readonly ready: Promise<void>
  readonly serials: Serials
}

type Words = Pick<Speech, 'burst' | 'body'>

/** Connections that are being made at the same time. */
const DIALS = 64

interface Room {
  readonly channel: string
  serial: number
  /** Deliveries of what was published last that have yet to come. */
  missing: number
  onComplete: () => void
}

export class Crowd {
  readonly #target: Target
  readonly #shape: CrowdShape
  readonly #rooms: readonly Room[]
  readonly #subscribers: Reader[] = []
  readonly #publishers: Connection[] = []

  constructor(target: Target, shape: CrowdShape) {
    this.#target = target
    this.#shape = shape
    this.#rooms = Array.from({ length: shape.channels }, (_, i) => ({
      channel: `bench/room-${i}`,
      serial: FIRST_SERIAL - 1,
      missing: 0,
      onComplete: () => {},
    }))
  }

  async gather(): Promise<void> {
    const { wire, port } = this.#target
    const seats = this.#rooms.flatMap((room) => Array<Room>(this.#shape.subscribers).fill(room))
    await inTurns(seats, DIALS, async (room) => {
      const onSerials = (count: number) => this.#arrived(room, count)
      const subscriber = this.#shape.isEventStream
        ? new EventStreamReader(this.#target, room.channel, onSerials)
        : new Connection({ wire, port, steps: wire.join(room.channel), onSerials })
      this.#subscribers.push(subscriber)
      await subscriber.ready
    })
    for (let i = 0; i < this.#shape.publishers; i++) {
      const publisher = new Connection({ wire, port, steps: wire.join(undefined) })
      this.#publishers.push(publisher)
      await publisher.ready
    }
  }

  /** Each publisher says `burst` events at once, waits until all who listen have them, and goes on in the next channel. */
  async flow({ burst, forMs, body }: Speech): Promise<Flow> {
    const endsAt = performance.now() + forMs
    const events = await Promise.all(
      this.#publishers.map(async (publisher, p) => {
        const own = this.#rooms.filter((_, i) => i % this.#publishers.length === p)
        let said = 0
        for (let turn = 0; performance.now() < endsAt; turn++) {
          await this.#say(publisher, own[turn % own.length] as Room, { burst, body })
          said += burst
        }
        return said
      }),
    )
    this.check()
    const total = events.reduce((a, b) => a + b, 0)
    return { events: total, deliveries: total * this.#shape.subscribers }
  }

  /** One event at a time, so many a second, and how long each took to each reader. */
  async pace({ perSecond, forMs }: { readonly perSecond: number; readonly forMs: number }): Promise<Latency> {
    const room = this.#rooms[0] as Room
    const publisher = this.#publishers[0] as Connection
    const sentAt: number[] = []
    const first = room.serial + 1
    const took: number[] = []
    const onArrival = this.#onArrival
    this.#onArrival = (count) => {
      // A reader that gets several at once has the newest of them now; all counted as that one would flatter.
      const now = performance.now()
      for (let i = 0; i < count; i++)
        took.push(now - (sentAt[Math.floor(took.length / this.#shape.subscribers)] ?? now))
    }
    const beganAt = performance.now()
    const total = Math.round((perSecond * forMs) / 1_000)
    for (let i = 0; i < total; i++) {
      await until(beganAt + (i * 1_000) / perSecond)
      sentAt[room.serial + 1 - first] = performance.now()
      this.#publish(publisher, room, { burst: 1 })
    }
    while (room.missing > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    this.#onArrival = onArrival
    this.check()
    return latencies(took)
  }

  /** One more in the first channel, who reads nothing until `waken`. */
  async addSleeper(): Promise<void> {
    const { wire, port } = this.#target
    const room = this.#rooms[0] as Room
    const sleeper = new Connection({
      ...{ wire, port, steps: wire.join(room.channel) },
      onSerials: () => this.#onSleeper(),
    })
    await sleeper.ready
    sleeper.pause()
    this.#sleeper = { connection: sleeper, from: room.serial }
  }

  /** Resolves when the sleeper has all that it missed; throws where that is not so. */
  async waken({ withinMs }: { readonly withinMs: number }): Promise<number> {
    if (!this.#sleeper) throw new Error('nobody sleeps')
    const { connection, from } = this.#sleeper
    const { serials } = connection
    const room = this.#rooms[0] as Room
    const isWhole = () => serials.last === room.serial
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the sleeper did not get everything')), withinMs)
      this.#onSleeper = () => {
        if (!isWhole()) return
        clearTimeout(timer)
        resolve()
      }
      connection.resume()
      this.#onSleeper()
    })
    if (serials.faults > 0 || serials.count !== room.serial - from)
      throw new Error('the sleeper missed something')
    return serials.count
  }

  /** Throws where anything was lost, doubled or out of order. */
  check(): void {
    const faults = [...this.#subscribers].reduce((sum, { serials }) => sum + serials.faults, 0)
    const missing = this.#rooms.reduce((sum, room) => sum + room.missing, 0)
    if (faults + missing > 0) throw new Error(`${faults} deliveries out of order, ${missing} missing`)
  }

  #onArrival: (count: number) => void = () => {}
  #sleeper: { readonly connection: Connection; readonly from: number } | undefined
  #onSleeper: () => void = () => {}

  #say(publisher: Connection, room: Room, words: Words): Promise<void> {
    return new Promise((resolve) => {
      room.onComplete = resolve
      this.#publish(publisher, room, words)
    })
  }

  #publish(publisher: Connection, room: Room, { burst, body }: Words): void {
    const { wire } = this.#target
    room.missing += burst * this.#shape.subscribers
    publisher.write(
      textFrames(
        Array.from({ length: burst }, () => wire.publish(room.channel, ++room.serial, { body })),
        wire.pack,
      ),
    )
  }

  #arrived(room: Room, count: number): void {
    this.#onArrival(count)
    room.missing -= count
    if (room.missing === 0) room.onComplete()
  }
}

export async function inTurns<Item>(
  items: readonly Item[],
  width: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < items.length) await run(items[next++] as Item)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
}

async function until(at: number): Promise<void> {
  const restMs = at - performance.now()
  if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
}
