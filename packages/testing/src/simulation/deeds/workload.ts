// What people and backends do: write, read, come, go, ask.

import type { World } from '../world.ts'
import { anyChannel, anyTab, deed } from './deed.ts'

/** Numbers of the writes that one step may make; each write of a run has its own number, in the order of the steps. */
export const NUMBERS_PER_STEP = 100

const padding = (length: number) => (length > 0 ? { pad: 'x'.repeat(length) } : {})

/** The tab in a place, unless nobody can use it at the moment. */
function usable(world: World, place: number) {
  const tab = world.tabs[place]
  return tab && !tab.isClosed && tab.machine.isRunning ? tab : undefined
}

export const workload = {
  publish: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      channel: anyChannel(draw, shape),
      count: draw.happens(0.2) ? draw.whole(2, 6) : 1,
      pad: draw.happens(0.3) ? draw.whole(1, 400) : 0,
      isPoisoned: draw.happens(0.03),
    }),
    perform(world, { tab, channel, count, pad, isPoisoned }, { id }) {
      for (let i = 0; i < count; i++) {
        const mark = { n: id * NUMBERS_PER_STEP + i, ...padding(pad) }
        usable(world, tab)?.publish(channel, isPoisoned ? 'poisoned' : 'marked', mark)
      }
    },
  }),

  /** One write after the other, faster than their answers come, until somebody else writes something. */
  burst: deed({
    draw: (draw, shape) => ({
      ...{ tab: anyTab(draw, shape), channel: anyChannel(draw, shape) },
      ...{ count: draw.whole(4, 20), everyMs: draw.whole(1, 40) },
    }),
    perform(world, { tab, channel, count, everyMs }, { id }) {
      for (let i = 0; i < count; i++) {
        const n = id * NUMBERS_PER_STEP + i
        world.timeline.after(i * everyMs, () => {
          if (n > world.authors.highest) usable(world, tab)?.publish(channel, 'marked', { n })
        })
      }
    },
  }),

  backendPublish: deed({
    draw: (draw, shape) => ({
      channel: anyChannel(draw, shape),
      count: draw.happens(0.3) ? draw.whole(2, 30) : 1,
      pad: draw.happens(0.2) ? draw.whole(1, 400) : 0,
    }),
    perform(world, { channel, count, pad }, { id }) {
      const numbers = Array.from({ length: count }, (_, i) => id * NUMBERS_PER_STEP + i)
      world.backend.publish({ channel, numbers, pad: 'x'.repeat(pad) })
    },
  }),

  subscribe: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), channel: anyChannel(draw, shape) }),
    perform: (world, { tab, channel }) => usable(world, tab)?.reading(channel).open(),
  }),

  unsubscribe: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), channel: anyChannel(draw, shape) }),
    perform: (world, { tab, channel }) => usable(world, tab)?.readings.get(channel)?.close(),
  }),

  signal: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), channel: anyChannel(draw, shape) }),
    perform: (world, { tab, channel }, { id }) =>
      usable(world, tab)?.reading(channel).channel.signal('nudged', { n: id }),
  }),

  enter: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), channel: anyChannel(draw, shape) }),
    perform: (world, { tab, channel }, { id }) => usable(world, tab)?.enter(channel, `here since ${id}`),
  }),

  leave: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), channel: anyChannel(draw, shape) }),
    perform: (world, { tab, channel }) => usable(world, tab)?.leave(channel),
  }),

  call: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape) }),
    perform: (world, { tab }, { id }) => usable(world, tab)?.call(id),
  }),

  clearOutbox: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape) }),
    perform: (world, { tab }) => usable(world, tab)?.clearOutbox(),
  }),

  hangUp: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), forMs: draw.whole(10, 6_000) }),
    perform(world, { tab: place, forMs }) {
      const tab = usable(world, place)
      tab?.client.disconnect()
      tab?.machine.later(forMs, () => tab.client.connect())
    },
  }),

  reconnect: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape) }),
    perform: (world, { tab }) => usable(world, tab)?.client.reconnect(),
  }),

  reopen: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), forMs: draw.whole(0, 4_000) }),
    perform(world, { tab: place, forMs }) {
      const tab = usable(world, place)
      if (!tab) return
      tab.browser.effects.disturbed()
      tab.close()
      world.timeline.after(forMs, () => world.reopenTab(place))
    },
  }),
}

/** [OB4] Where the app does not name its user. */
export const unnamed = {
  /** A page is opened, somebody writes at once, and the page ends, often before a server has said whose that is. */
  visit: deed({
    draw: (draw, shape) => ({
      ...{ tab: anyTab(draw, shape), channel: anyChannel(draw, shape), count: draw.whole(1, 4) },
      ...{ afterMs: draw.whole(1, 300), forMs: draw.whole(0, 4_000) },
    }),
    perform(world, { tab: place, channel, count, afterMs, forMs }, { id }) {
      if (!usable(world, place)) return
      world.killTab(place, { forMs: 0, isSilent: false })
      world.timeline.after(1, () => {
        const tab = usable(world, place)
        for (let i = 0; i < count; i++) {
          const n = id * NUMBERS_PER_STEP + i
          if (n > world.authors.highest) tab?.publish(channel, 'marked', { n })
        }
        world.timeline.after(afterMs, () => {
          if (world.tabs[place] === tab) world.killTab(place, { forMs, isSilent: false })
        })
      })
    },
  }),

  claim: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape) }),
    perform: (world, { tab }) => usable(world, tab)?.decide(true),
  }),

  discard: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape) }),
    perform: (world, { tab }) => usable(world, tab)?.decide(false),
  }),
}
