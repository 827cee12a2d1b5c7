// Many small channels of five readers each, fifty publishers.

import type { Flow } from '../load/crowd.ts'
import type { SystemName } from '../systems/all.ts'
import type { Goal, Plan, Row } from './measure.ts'
import { inSlices, withPairs } from './turns.ts'

const READERS = 5
const PUBLISHERS = 50

export interface ChannelsOptions {
  readonly channels: number
  readonly systems: readonly SystemName[]
  readonly goal: Goal
}

export function smallChannels(plan: Plan, { channels, systems, goal }: ChannelsOptions): Promise<Row[]> {
  return withPairs(systems, async (pairs) => {
    for (const pair of pairs)
      await pair.ask('gather', { channels, subscribers: READERS, publishers: PUBLISHERS })
    const figures = await inSlices(pairs, plan, async (pair) => {
      const { result, cpuMs } = await pair.measure<Flow>('flow', { burst: 1, forMs: plan.sliceMs })
      return (result.deliveries / cpuMs) * 1_000
    })
    return [
      {
        id: `channels-${channels}`,
        title: `${channels.toLocaleString('en')} channels of ${READERS}`,
        unit: 'deliveries per CPU-second',
        baseline: 'socket.io',
        goal,
        figures,
      },
    ]
  })
}
