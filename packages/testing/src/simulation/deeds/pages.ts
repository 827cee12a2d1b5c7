// What happens to pages and the storage behind them: tabs that end in the middle of something, the one that has the
// connection above all, what they say to one another, and the disk with their outboxes.

import type { World } from '../world.ts'
import { anyChannel, anyTab, deed } from './deed.ts'
import { NUMBERS_PER_STEP } from './workload.ts'

/** The place of the tab that has the connection of this one's browser; its own where nobody has. */
function holderOf(world: World, place: number): number {
  const name = world.carrierOf(place)
  const holder = world.tabs.findIndex((tab) => tab.name === name)
  return holder < 0 ? place : holder
}

export const pages = {
  /** The browser kills a page, or the person closes it: then it is told, and no more. */
  kill: deed({
    draw: (draw, shape) => ({
      ...{ tab: anyTab(draw, shape), isTold: draw.happens(0.4), isSilent: draw.happens(0.4) },
      forMs: draw.whole(0, 6_000),
    }),
    perform(world, { tab: place, isTold, ...args }) {
      const tab = world.tabs[place]
      if (isTold && tab?.machine.isRunning && !tab.isClosed) tab.hint('frozen')
      world.killTab(place, args)
    },
  }),
}

export const tabs = {
  killHolder: deed({
    draw: (draw, shape) => ({
      ...{ tab: anyTab(draw, shape), isSilent: draw.happens(0.5) },
      forMs: draw.whole(0, 6_000),
    }),
    perform: (world, { tab, ...args }) => world.killTab(holderOf(world, tab), args),
  }),

  freezeHolder: deed({
    draw: (draw, shape) => ({
      ...{ tab: anyTab(draw, shape), isTold: draw.happens(0.4) },
      forMs: draw.whole(500, 30_000),
    }),
    perform: (world, { tab, ...args }) => world.freezeTab(holderOf(world, tab), args),
  }),

  closeHolder: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), forMs: draw.whole(0, 6_000) }),
    perform(world, { tab: place, forMs }) {
      const holder = holderOf(world, place)
      const tab = world.tabs[holder]
      if (!tab?.machine.isRunning || tab.isClosed) return
      tab.browser.effects.disturbed()
      tab.close()
      world.timeline.after(forMs, () => world.reopenTab(holder))
    },
  }),

  /** Some of what tabs say to one another is not heard. */
  losePosts: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      every: draw.whole(2, 30),
      forMs: draw.whole(200, 8_000),
    }),
    perform(world, { tab, every, forMs }) {
      const browser = world.browsers[tab]
      if (!browser?.isShared) return
      let posted = 0
      // What says that something was done is not said again; what goes along a line is missed.
      browser.broadcast.drops = (message) => !Array.isArray(message) && ++posted % every === 0
      world.timeline.after(forMs, () => {
        browser.broadcast.drops = () => false
      })
    },
  }),
}

export const storage = {
  /** Without a connection somebody writes, and then the page ends. */
  killOffline: deed({
    draw: (draw, shape) => ({
      ...{ tab: anyTab(draw, shape), channel: anyChannel(draw, shape), count: draw.whole(1, 6) },
      ...{ afterMs: draw.whole(10, 800), forMs: draw.whole(0, 5_000) },
    }),
    perform(world, { tab: place, channel, count, afterMs, forMs }, { id }) {
      const tab = world.tabs[place]
      if (!tab?.machine.isRunning || tab.isClosed) return
      const carrier = world.carrierOf(place)
      world.network.setOffline(carrier, true)
      for (const link of world.network.links({ caller: carrier })) link.cut({ client: 0, server: 0 })
      for (let i = 0; i < count; i++) tab.publish(channel, 'marked', { n: id * NUMBERS_PER_STEP + i })
      world.timeline.after(afterMs, () => {
        if (world.tabs[place] === tab) world.killTab(place, { forMs, isSilent: false })
        world.network.setOffline(carrier, false)
      })
    },
  }),

  /** Between two steps of its storage the page ends, or is frozen. */
  strikeAtStorage: deed({
    draw: (draw, shape) => ({
      ...{ tab: anyTab(draw, shape), steps: draw.whole(1, 12), kind: draw.one(['kill', 'freeze'] as const) },
      forMs: draw.whole(100, 20_000),
    }),
    perform(world, { tab: place, steps, kind, forMs }) {
      const tab = world.tabs[place]
      if (!tab?.page || tab.isClosed) return
      let left = steps
      tab.onStorageStep = () => {
        if (--left > 0 || tab.isClosed) return
        tab.onStorageStep = () => {}
        if (kind === 'kill') world.killTab(place, { forMs, isSilent: false })
        else world.freezeTab(place, { forMs, isTold: false })
      }
    },
  }),

  failDisk: deed({
    draw: (draw, shape) => ({
      ...{ tab: anyTab(draw, shape), fault: draw.one(['refused', 'full', 'silent'] as const) },
      forMs: draw.whole(200, 12_000),
    }),
    perform(world, { tab, fault, forMs }) {
      const browser = world.browsers[tab]
      if (!browser || !world.shape.disk) return
      browser.hasFailed = true
      browser.disk.fault = fault
      if (fault === 'silent') browser.isStuck = true
      world.timeline.after(forMs, () => {
        browser.disk.fault = undefined
      })
    },
  }),

  /** Somebody clears the data of the site. */
  wipe: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape) }),
    perform: (world, { tab }) => world.browsers[tab]?.wipe(),
  }),

  damage: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), what: draw.one(['heads', 'rows'] as const) }),
    perform: (world, { tab, what }) => world.browsers[tab]?.damage(what),
  }),
}
