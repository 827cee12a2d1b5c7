// What happens to the log, and to what nodes are told about it. Most of it only where the log is distributed.

import { anyChannel, anyNode, deed } from './deed.ts'

export const log = {
  /** Nobody can reach the log for a while. */
  outage: deed({
    draw: (draw) => ({ forMs: draw.whole(100, 6_000) }),
    perform(world, { forMs }) {
      world.store.setDown(true)
      world.timeline.after(forMs, () => world.store.setDown(false))
    },
  }),

  /** Everything is lost: another history begins. */
  loseHistory: deed({
    draw: (draw) => ({ downMs: draw.whole(100, 3_000) }),
    perform(world, { downMs }) {
      const died = world.store.loseHistory()
      world.trace.note('the log', 'is lost')
      if (!died) return
      for (const [place, node] of world.nodes.entries()) {
        if (!node.isRunning) continue
        world.killNode(place, 0)
        world.timeline.after(downMs, () => world.startNode(place))
      }
    },
  }),
}

export const clusterLog = {
  /** A replica takes over that lacks the last operations. */
  failOver: deed({
    draw: (draw) => ({ lost: draw.happens(0.2) ? 0 : draw.whole(1, 12) }),
    perform(world, { lost }) {
      world.trace.note('the log', `fails over and loses ${lost}`)
      world.store.failOver(lost)
    },
  }),

  trim: deed({
    draw: (draw, shape) => ({ channel: anyChannel(draw, shape), entries: draw.whole(1, 12) }),
    perform(world, { channel, entries }) {
      world.store.trim(channel, { entries, sinceSnapshot: !channel.startsWith('feed/') })
    },
  }),

  /** News of new entries is dropped, doubled or overtaken on its way to one node. */
  garbleNews: deed({
    draw: (draw, shape) => ({
      ...{ node: anyNode(draw, shape), count: draw.whole(1, 4) },
      kind: draw.one(['drop', 'double', 'reorder'] as const),
    }),
    perform: (world, { node, kind, count }) => world.nodes[node]?.access.mischief(kind, count),
  }),

  /** A node's connection for news looks alive, and nothing comes. */
  deafen: deed({
    draw: (draw, shape) => ({ node: anyNode(draw, shape), forMs: draw.whole(500, 10_000) }),
    perform(world, { node: place, forMs }) {
      const node = world.nodes[place]
      node?.access.setDeaf(true)
      world.timeline.after(forMs, () => node?.access.setDeaf(false))
    },
  }),

  /** One node cannot reach the log for a while. */
  cutOff: deed({
    draw: (draw, shape) => ({ node: anyNode(draw, shape), forMs: draw.whole(200, 6_000) }),
    perform(world, { node: place, forMs }) {
      const node = world.nodes[place]
      node?.access.setCutOff(true)
      world.timeline.after(forMs, () => node?.access.setCutOff(false))
    },
  }),

  /** A node stands still for a while, as in a long pause of its garbage collector. */
  pauseNode: deed({
    draw: (draw, shape) => ({ node: anyNode(draw, shape), forMs: draw.whole(200, 12_000) }),
    perform(world, { node: place, forMs }) {
      const node = world.nodes[place]
      if (!node?.isRunning) return
      node.machine.freeze()
      world.timeline.after(forMs, () => node.machine.thaw())
    },
  }),
}
