// What happens to the machines of people, and to single tabs on them.

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
    perform: (world, { tab, ...args }) => world.freezeTab(tab, args),
  }),

  /** The laptop sleeps: as frozen, but its monotonic clock stands still, and its connections die. */
  sleep: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), forMs: draw.whole(5_000, 60_000) }),
    perform(world, { tab: place, forMs }) {
      for (const tab of world.deviceOf(place)) {
        if (!tab.machine.isRunning || tab.isClosed) continue
        tab.browser.effects.disturbed()
        tab.machine.sleep(forMs)
        for (const link of world.network.links({ caller: tab.name })) link.cut({})
        world.timeline.after(forMs, () => {
          tab.browser.effects.disturbed()
          tab.machine.thaw()
        })
      }
    },
  }),

  hide: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), forMs: draw.whole(100, 20_000) }),
    perform(world, { tab: place, forMs }) {
      const tab = world.tabs[place]
      if (!tab || tab.isClosed) return
      const show = (attention: 'hidden' | 'visible') => () => {
        tab.attention = attention
        tab.hint(attention)
      }
      tab.machine.run(show('hidden'))
      tab.machine.later(forMs, show('visible'))
    },
  }),

  setClock: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), byMs: draw.one(clockJumps) }),
    perform(world, { tab: place, byMs }) {
      const browser = world.browsers[place]
      if (browser) browser.skewMs += byMs
      for (const tab of world.deviceOf(place)) tab.machine.jump(byMs)
    },
  }),
}
