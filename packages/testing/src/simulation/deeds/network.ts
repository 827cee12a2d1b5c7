// What goes wrong between clients and nodes.

import type { Pipe } from '../pipe.ts'
import type { World } from '../world.ts'
import { anyTab, deed } from './deed.ts'

type Direction = 'up' | 'down' | 'both'
const directions: readonly Direction[] = ['up', 'down', 'both']

/** Does something to the pipes of a tab's connections, and undoes it after a while. */
function forAWhile(
  world: World,
  { tab, direction, forMs }: { tab: number; direction: Direction; forMs: number },
  change: (pipe: Pipe) => void,
): void {
  const pipes = world.network
    .links({ caller: world.carrierOf(tab) })
    .flatMap(({ client, server }) =>
      direction === 'up' ? [client.pipe] : direction === 'down' ? [server.pipe] : [client.pipe, server.pipe],
    )
  for (const pipe of pipes) change(pipe)
  world.timeline.after(forMs, () => {
    for (const pipe of pipes) pipe.resume()
  })
}

export const network = {
  cut: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      /** When each end hears of it; null: never, which leaves the connection half-open. */
      clientMs: draw.happens(0.7) ? draw.whole(0, 300) : null,
      serverMs: draw.happens(0.6) ? draw.whole(0, 2_000) : null,
    }),
    perform(world, { tab, clientMs, serverMs }) {
      for (const link of world.network.links({ caller: world.carrierOf(tab) })) {
        link.cut({ client: clientMs ?? undefined, server: serverMs ?? undefined })
      }
    },
  }),

  stall: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      direction: draw.one(directions),
      forMs: draw.whole(100, 9_000),
    }),
    perform: (world, args) => forAWhile(world, args, (pipe) => pipe.stall()),
  }),

  delay: deed({
    draw: (draw, shape) => ({
      ...{ tab: anyTab(draw, shape), direction: draw.one(directions), forMs: draw.whole(500, 10_000) },
      byMs: draw.whole(50, 2_000),
    }),
    perform: (world, args) => forAWhile(world, args, (pipe) => pipe.delay(args.byMs)),
  }),

  slowReader: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      everyMs: draw.whole(50, 700),
      forMs: draw.whole(2_000, 15_000),
    }),
    perform: (world, args) =>
      forAWhile(world, { ...args, direction: 'down' }, (pipe) => pipe.slow(args.everyMs)),
  }),

  /** The connection breaks when the next answer of this kind is about to arrive. */
  loseAnswer: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      answer: draw.one(['ack', 'subscribed', 'live', 'entries', 'welcome']),
    }),
    perform(world, { tab, answer }) {
      const wanted = `"type":"${answer}"`
      world.network.arm(world.carrierOf(tab), (to, text) => to === 'client' && text.includes(wanted))
    },
  }),

  badDials: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      kind: draw.one(['fail', 'hang'] as const),
      dials: draw.whole(1, 4),
    }),
    perform: (world, { tab, kind, dials }) => world.network.trouble(world.carrierOf(tab), kind, dials),
  }),

  /** The device loses its network, and says so. */
  offline: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      forMs: draw.whole(200, 9_000),
      isTold: draw.happens(0.7),
    }),
    perform(world, { tab: place, forMs, isTold }) {
      for (const tab of world.deviceOf(place)) {
        if (tab.isClosed) continue
        world.network.setOffline(tab.name, true)
        for (const link of world.network.links({ caller: tab.name }))
          link.cut({ client: isTold ? 20 : undefined })
        if (isTold) tab.machine.run(() => tab.hint('offline'))
        world.timeline.after(forMs, () => {
          world.network.setOffline(tab.name, false)
          tab.machine.run(() => tab.hint('online'))
        })
      }
    },
  }),
}
