// One of 21 readers stops reading while events of 4 KB go on: what it costs the server in memory, whether the others
// notice, and whether it has everything once it reads again.

import type { Flow, Speech } from '../load/crowd.ts'
import type { SystemName } from '../systems/all.ts'
import type { Figure, Plan, Row } from './measure.ts'
import { withPairs } from './turns.ts'

const BODY = 'x'.repeat(4_000)
const speech: Speech = { burst: 16, forMs: 2_000, body: BODY }

export async function slowReader(_plan: Plan, systems: readonly SystemName[]): Promise<Row[]> {
  const figures: Record<string, Figure> = {}
  const notes: string[] = []
  for (const name of systems) {
    await withPairs(
      [name],
      async ([pair]) => {
        if (!pair) return
        await pair.ask('gather', { channels: 1, subscribers: 20, publishers: 1 })
        // The first of it fills caches, and the log's share of memory.
        await pair.measure<Flow>('flow', speech)
        const begin = await pair.settledUsage()
        const alone = await pair.measure<Flow>('flow', speech)
        const before = await pair.settledUsage()
        await pair.ask('addSleeper')
        const beside = await pair.measure<Flow>('flow', speech)
        const after = await pair.settledUsage()
        // A server grows a little in any three seconds like these: that is not the sleeper's.
        const grown = before.rssBytes - begin.rssBytes
        figures[name] = { value: (after.rssBytes - before.rssBytes - grown) / 1_000_000 }
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
      unit: 'MB of resident memory more than without it',
      figures,
      note: `Each sleeper had everything in order after it read again. ${notes.join('; ')}. What the kernel keeps for the socket is not in it. Below some 30 MB either way is noise of the garbage collector; that a sleeper costs at most 1 MB is what the tests of SB7 prove.`,
    },
  ]
}
