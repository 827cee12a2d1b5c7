// People in one room who move their cursors, and people who say that they are there.

import { EVENT_MARK } from '../system.ts'
import { Connection } from './connection.ts'
import { inTurns, type Target } from './crowd.ts'
import { textFrame } from './frames.ts'

const ROOM = 'bench/cursors'
/** A serial begins with its sender's number, and counts from there. */
const PER_PERSON = 100_000
const FIRST_PERSON = 100

interface Person {
  readonly connection: Connection
  readonly first: number
  serial: number
  /** The newest of each other person, by that person's number. */
  readonly seen: Map<number, number>
}

export interface Gestures {
  readonly sent: number
  readonly seen: number
}

let people: Person[] = []

/** Each person moves so many times a second, for a while; in the end everybody has seen where everybody is. */
export async function gesture(
  { port, wire }: Target,
  { count, perSecond, forMs }: { readonly count: number; readonly perSecond: number; readonly forMs: number },
): Promise<Gestures> {
  if (people.length === 0) {
    people = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const first = (FIRST_PERSON + i) * PER_PERSON
        const seen = new Map<number, number>()
        const connection = new Connection({ port, wire, steps: wire.join(ROOM) })
        connection.serials.onEach = (serial) => void seen.set(Math.floor(serial / PER_PERSON), serial)
        await connection.ready
        return { connection, first, serial: first, seen }
      }),
    )
  }
  const before = people.reduce((sum, { connection }) => sum + connection.serials.count, 0)
  const intervalMs = 1_000 / perSecond
  const beganAt = performance.now()
  let sent = 0
  for (let tick = 0; performance.now() - beganAt < forMs; tick++) {
    // Browsers are not in step: within an interval everybody has a moment of their own.
    for (const [i, person] of people.entries()) {
      const at = beganAt + (tick + i / people.length) * intervalMs
      const restMs = at - performance.now()
      if (restMs > 1) await new Promise((resolve) => setTimeout(resolve, restMs))
      person.serial++
      sent++
      person.connection.write(textFrame(wire.signal(ROOM, `${EVENT_MARK}${person.serial}`)))
    }
  }
  await everybodyKnows()
  const seen = people.reduce((sum, { connection }) => sum + connection.serials.count, 0) - before
  return { sent, seen }
}

const PATIENCE_MS = 10_000

async function everybodyKnows(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  const isKnown = (to: Person) =>
    people.every((of) => of === to || to.seen.get(Math.floor(of.first / PER_PERSON)) === of.serial)
  while (!people.every(isKnown)) {
    if (performance.now() > deadline) throw new Error('somebody was not seen where they stopped')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** So many enter one channel of Tidings and watch who is there. */
export async function attend({ port, wire }: Target, { count }: { readonly count: number }): Promise<number> {
  let bytes = 0
  await inTurns(Array.from({ length: count }), 32, async (_) => {
    const [step] = wire.join('bench/hall')
    const connection = new Connection({
      port,
      wire,
      steps: [
        {
          say: (step?.say ?? '').replace('"id":1,', '"id":1,"presence":"members",'),
          until: '"type":"presence"',
        },
        {
          say: '{"type":"enter","id":2,"channel":"bench/hall","state":{"name":"Somebody"}}',
          until: '"type":"entered"',
        },
      ],
      onBytes: (chunk) => {
        bytes += chunk.length
      },
    })
    await connection.ready
  })
  return bytes
}
