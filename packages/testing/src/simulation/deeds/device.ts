// What happens to the machines of people and their tabs. Room for more tabs of one person, for storage and its faults.

import { anyTab, deed } from './deed.ts'

const HOUR_MS = 3_600_000
export const clockJumps = [-24 * HOUR_MS, -HOUR_MS, HOUR_MS, 24 * HOUR_MS] as const

export const device = {
  /** The browser stops the tab, as it does in the background; messages wait in the kernel. */
  freeze: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      forMs: draw.whole(500, 40_000),
      isTold: draw.happens(0.5),
    }),
    perform(world, { tab: place, forMs, isTold }) {
      const tab = world.tabs[place]
      if (!tab?.machine.isRunning || tab.isClosed) return
      if (isTold) tab.hint('frozen')
      tab.machine.freeze()
      world.timeline.after(forMs, () => {
        tab.machine.thaw()
        if (isTold) tab.machine.run(() => tab.hint('resumed'))
      })
    },
  }),

  /** The laptop sleeps: as frozen, but its monotonic clock stands still, and its connections die. */
  sleep: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), forMs: draw.whole(5_000, 60_000) }),
    perform(world, { tab: place, forMs }) {
      const tab = world.tabs[place]
      if (!tab?.machine.isRunning || tab.isClosed) return
      tab.machine.sleep(forMs)
      for (const link of world.network.links({ caller: tab.name })) link.cut({})
      world.timeline.after(forMs, () => tab.machine.thaw())
    },
  }),

  hide: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), forMs: draw.whole(100, 20_000) }),
    perform(world, { tab: place, forMs }) {
      const tab = world.tabs[place]
      if (!tab || tab.isClosed) return
      tab.machine.run(() => tab.hint('hidden'))
      tab.machine.later(forMs, () => tab.hint('visible'))
    },
  }),

  setClock: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), byMs: draw.one(clockJumps) }),
    perform: (world, { tab, byMs }) => world.tabs[tab]?.machine.jump(byMs),
  }),
}
