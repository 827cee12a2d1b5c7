// Readers by server-sent events, beside Socket.IO's by WebSocket.

import type { Flow } from '../load/crowd.ts'
import type { Plan, Row } from './measure.ts'
import { inSlices, withPairs } from './turns.ts'

const READERS = 500

export function eventStreams(plan: Plan): Promise<Row[]> {
  return withPairs(['socket.io', 'tidings'], async (pairs) => {
    for (const pair of pairs) {
      const isEventStream = pair.name === 'tidings'
      await pair.ask('gather', { channels: 1, subscribers: READERS, publishers: 1, isEventStream })
    }
    const figures = await inSlices(pairs, plan, async (pair) => {
      const { result, cpuMs } = await pair.measure<Flow>('flow', { burst: 16, forMs: plan.sliceMs })
      return (result.deliveries / cpuMs) * 1_000
    })
    return [
      {
        id: 'event-streams',
        title: `Fan-out to ${READERS} readers by server-sent events, bursts of 16`,
        unit: 'deliveries per CPU-second',
        baseline: 'socket.io',
        figures,
        note: 'Socket.IO’s readers are WebSockets.',
      },
    ]
  })
}
