// Connections of Tidings that stay: each with so many subscriptions, in channels that all share or in ones of its own;
// and their signs of life.

import type { Step, Wire } from '../system.ts'
import { Connection } from './connection.ts'
import { inTurns, type Target } from './crowd.ts'
import { textFrame } from './frames.ts'

export interface Residence {
  readonly count: number
  readonly subscriptions: number
  /** Everybody's channels are the same. */
  readonly isShared: boolean
}

const DIALS = 64

const residents: Connection[] = []
let pongs = 0
let onPongs: () => void = () => {}

export async function settle({ port, wire }: Target, residence: Residence): Promise<void> {
  await inTurns(Array.from({ length: residence.count }), DIALS, async () => {
    const resident = new Connection({
      ...{ port, wire, steps: arrival(wire, residence, residents.length) },
      onBytes: (chunk) => {
        if (!chunk.includes('"type":"pong"')) return
        pongs++
        onPongs()
      },
    })
    residents.push(resident)
    await resident.ready
  })
}

/** Everybody says `ping` once. */
export async function beat(): Promise<number> {
  pongs = 0
  const all = new Promise<void>((resolve) => {
    onPongs = () => {
      if (pongs === residents.length) resolve()
    }
  })
  const ping = textFrame('{"type":"ping"}')
  for (const resident of residents) resident.write(ping)
  await all
  return pongs
}

function arrival(wire: Wire, { subscriptions, isShared }: Residence, number: number): readonly Step[] {
  const [step] = wire.join(undefined)
  const whose = isShared ? 'all' : number
  const subscribe = Array.from({ length: subscriptions }, (_, i) => ({
    id: i + 1,
    channel: `bench/home-${whose}-${i}`,
  }))
  const hello = { ...JSON.parse(step?.say ?? '{}'), subscribe }
  const live: Step = { until: '"type":"live"' }
  return [{ ...live, say: JSON.stringify(hello) }, ...Array<Step>(subscriptions - 1).fill(live)]
}
