// Connections for their own sake: made and cut as fast as it goes, or made and held.

import { Connection } from './connection.ts'
import { inTurns, type Target } from './crowd.ts'

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

/** Lets all go. */
export function letGo(): void {
  for (const connection of held.splice(0)) connection.cut()
}
