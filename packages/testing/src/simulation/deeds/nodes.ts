// What happens to server nodes, and to the rights that they grant.

import { anyChannel, anyNode, anyTab, deed } from './deed.ts'
import { clockJumps } from './device.ts'

/** How long a client may be in the dark about its node's death, in milliseconds; null: until it finds out by itself. */
const toldAfter = [0, 200, null] as const

export const nodes = {
  crash: deed({
    draw: (draw, shape) => ({
      node: anyNode(draw, shape),
      toldAfterMs: draw.one(toldAfter),
      downMs: draw.whole(100, 8_000),
    }),
    perform(world, { node, toldAfterMs, downMs }) {
      if (!world.nodes[node]?.isRunning) return
      world.killNode(node, toldAfterMs ?? undefined)
      world.timeline.after(downMs, () => world.startNode(node))
    },
  }),

  /** It dies at its next write, which is in the log: nobody is told, or only its writer is not. */
  crashAtWrite: deed({
    draw: (draw, shape) => ({
      ...{ node: anyNode(draw, shape), toldAfterMs: draw.one(toldAfter), downMs: draw.whole(100, 8_000) },
      kind: draw.one(['before-ack', 'before-news'] as const),
    }),
    perform(world, { node: place, toldAfterMs, downMs, kind }) {
      const node = world.nodes[place]
      if (!node?.isRunning) return
      node.access.doom(kind, () => {
        if (world.nodes[place] !== node || !node.isRunning) return
        world.killNode(place, toldAfterMs ?? undefined)
        world.timeline.after(downMs, () => world.startNode(place))
      })
    },
  }),

  /** A deploy: the node asks its clients to leave, closes, and another one starts in its place. */
  drain: deed({
    draw: (draw, shape) => ({
      node: anyNode(draw, shape),
      windowMs: draw.whole(100, 3_000),
      isListed: draw.happens(0.3),
    }),
    perform(world, { node: place, windowMs, isListed }) {
      const node = world.nodes[place]
      if (!node?.isRunning || node.hub.isDraining) return
      node.isListed = isListed
      node.hub.drain(windowMs)
      node.machine.later(windowMs + 200, () => {
        void node.close()
        world.startNode(place)
      })
    },
  }),

  setServerClock: deed({
    draw: (draw, shape) => ({ node: anyNode(draw, shape), byMs: draw.one(clockJumps) }),
    perform: (world, { node, byMs }) => world.nodes[node]?.machine.jump(byMs),
  }),

  /** A person is signed out everywhere; the next token is good, or none is for a while. */
  revoke: deed({
    draw: (draw, shape) => ({
      tab: anyTab(draw, shape),
      refusedMs: draw.happens(0.5) ? draw.whole(500, 8_000) : 0,
    }),
    perform(world, { tab, refusedMs }) {
      const person = world.shape.tabs[tab] as string
      if (refusedMs > 0) {
        world.rights.refuse(person)
        world.timeline.after(refusedMs, () => world.rights.accept(person))
      }
      for (const node of world.nodes) {
        if (!node.isRunning) continue
        node.hub.revoke({ user: person })
        world.surveillance.revoked(person, node.name)
      }
    },
  }),

  forbid: deed({
    draw: (draw, shape) => ({ tab: anyTab(draw, shape), channel: anyChannel(draw, shape) }),
    perform: (world, { tab, channel }) => world.rights.forbid(world.shape.tabs[tab] as string, channel),
  }),
}
