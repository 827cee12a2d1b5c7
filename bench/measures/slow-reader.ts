// One of 21 readers stops reading while events of 4 KB go on: what it costs the server in memory, whether the others
// notice, and whether it has everything once it reads again.

import type { Flow } from '../load/crowd.ts'
import type { SystemName } from '../systems/all.ts'
import type { Figure, Plan, Row } from './measure.ts'
import { withPairs } from './turns.ts'

const BODY = 'x'.repeat(4_000)
const FOR_MS = 3_000

export async function slowReader(_plan: Plan, systems: readonly SystemName[]): Promise<Row[]> {
  const figures: Record<string, Figure> = {}
  const notes: string[] = []
  for (const name of systems) {
    await withPairs(
      [name],
      async ([pair]) => {
        if (!pair) return
        await pair.ask('gather', { channels: 1, subscribers: 20, publishers: 1, body: BODY })
        // The first of it fills caches, and the log's share of memory.
        await pair.measure<Flow>('flow', { burst: 16, forMs: 1_000 })
        const alone = await pair.measure<Flow>('flow', { burst: 16, forMs: 1_000 })
        const before = await pair.settledUsage()
        await pair.ask('addSleeper')
        const beside = await pair.measure<Flow>('flow', { burst: 16, forMs: FOR_MS })
        const after = await pair.settledUsage()
        figures[name] = { value: (after.rssBytes - before.rssBytes) / 1_000_000 }
        const slept = await pair.ask<number>('waken', { withinMs: 60_000 })
        const rate = ({ result, cpuMs }: typeof alone) => result.deliveries / cpuMs
        const part = Math.round((rate(beside) / rate(alone)) * 100)
        const missed = Math.round((slept * BODY.length) / 1_000_000)
        notes.push(`${name} ${missed} MB slept through, others at ${part} % of their rate without it`)
      },
      { broker: 'sqlite' },
    )
  }
  return [
    {
      id: 'slow-reader',
      title: 'A reader that stops reading',
      unit: 'MB of resident memory',
      goal: { kind: 'at most', of: 'value', number: 1 },
      figures,
      note: `Each sleeper had everything in order after it read again. ${notes.join('; ')}. What the kernel keeps for the socket is not in it.`,
    },
  ]
}
