// Connections for their own sake: made and cut as fast as it goes, made and held, or all made at the same moment.

import { Connection } from './connection.ts'
import { inTurns, type Target } from './crowd.ts'
import { type Latency, latencies } from './latency.ts'

const DIALS = 32

/** Connects, subscribes and hangs up for a while; says how often. */
export async function dial({ port, wire }: Target, { forMs }: { readonly forMs: number }): Promise<number> {
  const endsAt = performance.now() + forMs
  let count = 0
  await Promise.all(
    Array.from({ length: DIALS }, async () => {
      while (performance.now() < endsAt) {
        const connection = new Connection({ port, wire, steps: wire.join(`bench/dial-${count % 100}`) })
        await connection.ready
        count++
        connection.cut()
      }
    }),
  )
  return count
}

const held: Connection[] = []

/** Holds so many more, each with one subscription. */
export async function hold({ port, wire }: Target, { count }: { readonly count: number }): Promise<void> {
  await inTurns(Array.from({ length: count }), DIALS, async () => {
    const connection = new Connection({ port, wire, steps: wire.join('bench/held') })
    held.push(connection)
    await connection.ready
  })
}

/** All that are held lose their connection in one moment, and dial again in the next. How long each took. */
export async function storm({ port, wire }: Target): Promise<Latency> {
  const count = held.length
  for (const connection of held.splice(0)) connection.cut()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const beganAt = performance.now()
  const took = await Promise.all(
    Array.from({ length: count }, async () => {
      const connection = new Connection({ port, wire, steps: wire.join('bench/held') })
      held.push(connection)
      await connection.ready
      return performance.now() - beganAt
    }),
  )
  return latencies(took)
}
