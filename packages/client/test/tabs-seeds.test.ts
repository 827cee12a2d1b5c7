// Whatever the tabs of a browser go through, by seed; tab-lives.ts says what.

import { expect, test } from 'vitest'
import { live } from './tab-lives.ts'

const SEEDS = Number(process.env.SEEDS ?? 150)

test(
  `[PB2][SB3] over ${SEEDS} lives of tabs nothing is lost, doubled or left behind`,
  async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        const world = await live(seed)
        for (const { client } of world.alive) client.close()
        await world.advance(3_000)
        expect(world.clock.pendingTimers, 'timers').toBe(0)
        expect(world.browser.locks.held, 'locks').toEqual([])
        expect(world.browser.broadcast.openEnds, 'channels').toBe(0)
        expect(world.server.open, 'sockets').toEqual([])
      } catch (cause) {
        throw new Error(`Seed ${seed}: ${(cause as Error).message}`, { cause })
      }
    }
  },
  60_000 + 20 * SEEDS,
)
