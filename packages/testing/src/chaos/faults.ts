// Every kind of fault by its name: how its arguments are drawn, as plain data, and how it is done to real processes. A
// new kind is one entry here. `perform` says whether there was anything to do it to.

import type { Draw } from '../simulation/draw.ts'
import type { DiskFault } from './disk.ts'
import { fair, type Weather } from './proxy.ts'
import type { World } from './world.ts'

/** What a plan is drawn for. */
export interface Shape {
  /** Ways through proxies: those of the clients, then those of the backends. */
  readonly ways: number
  readonly clients: number
}

interface Fault<Args> {
  /** How common it is among the others. */
  readonly weight: number
  draw(draw: Draw, shape: Shape): Args
  perform(world: World, args: Args): boolean
}

const fault = <Args>(fault: Fault<Args>) => fault

const anyWay = (draw: Draw, { ways }: Shape) => draw.whole(0, ways - 1)
const anyClient = (draw: Draw, { clients }: Shape) => draw.whole(0, clients - 1)

/** Weather of a way for a while; the last who changed it makes it fair again. */
function weather(
  world: World,
  { way, forMs }: { way: number; forMs: number },
  change: Partial<Weather>,
): boolean {
  const proxy = world.proxies[way]
  if (!proxy) return false
  const changed = (proxy.weather = { ...fair, ...change })
  world.after(forMs, () => {
    if (proxy.weather === changed) proxy.weather = fair
  })
  return true
}

function diskFault(kind: DiskFault, weight: number) {
  return fault({
    weight,
    draw: (draw) => ({ forMs: draw.whole(300, 2_500) }),
    perform: (world, { forMs }) => world.failDisk(kind, forMs),
  })
}

export const faults = {
  cut: fault({
    weight: 5,
    draw: (draw, shape) => ({
      way: anyWay(draw, shape),
      afterBytes: draw.happens(0.5) ? 0 : draw.whole(1, 3_000),
    }),
    perform(world, { way, afterBytes }) {
      const proxy = world.proxies[way]
      if (!proxy || proxy.connections === 0) return false
      proxy.cut(afterBytes)
      return true
    },
  }),

  halfOpen: fault({
    weight: 3,
    draw: (draw, shape) => ({ way: anyWay(draw, shape), believer: draw.one(['client', 'server'] as const) }),
    perform(world, { way, believer }) {
      const proxy = world.proxies[way]
      if (!proxy || proxy.connections === 0) return false
      proxy.halfOpen(believer)
      return true
    },
  }),

  stall: fault({
    weight: 3,
    draw: (draw, shape) => ({ way: anyWay(draw, shape), forMs: draw.whole(200, 6_000) }),
    perform: (world, args) => weather(world, args, { isStalled: true }),
  }),

  crumbs: fault({
    weight: 2,
    draw: (draw, shape) => ({ way: anyWay(draw, shape), forMs: draw.whole(500, 4_000) }),
    perform: (world, args) => weather(world, args, { isCrumbled: true }),
  }),

  slow: fault({
    weight: 2,
    draw: (draw, shape) => ({
      way: anyWay(draw, shape),
      forMs: draw.whole(500, 6_000),
      bytesPerSecond: draw.one([1_000, 5_000, 20_000]),
    }),
    perform: (world, args) => weather(world, args, { bytesPerSecond: args.bytesPerSecond }),
  }),

  latency: fault({
    weight: 2,
    draw: (draw, shape) => ({
      way: anyWay(draw, shape),
      forMs: draw.whole(500, 6_000),
      latencyMs: draw.whole(20, 600),
    }),
    perform: (world, args) => weather(world, args, { latencyMs: args.latencyMs }),
  }),

  refuse: fault({
    weight: 2,
    draw: (draw, shape) => ({ way: anyWay(draw, shape), forMs: draw.whole(100, 3_000) }),
    perform(world, { way, forMs }) {
      const proxy = world.proxies[way]
      if (!proxy) return false
      proxy.refuse()
      world.after(forMs, () => void proxy.admit())
      return true
    },
  }),

  killServer: fault({
    weight: 3,
    draw: (draw) => ({ downMs: draw.whole(0, 1_500) }),
    perform: (world, { downMs }) => world.server.kill(downMs),
  }),

  stopServer: fault({
    weight: 2,
    draw: (draw) => ({ forMs: draw.whole(200, 4_000) }),
    perform: (world, { forMs }) => world.server.stop(forMs),
  }),

  drainServer: fault({
    weight: 1,
    draw: (draw) => ({ downMs: draw.whole(0, 1_000) }),
    perform: (world, { downMs }) => world.server.drain(downMs),
  }),

  diskFull: diskFault('full', 2),
  fsyncError: diskFault('fsync', 2),

  killClient: fault({
    weight: 3,
    draw: (draw, shape) => ({ client: anyClient(draw, shape), downMs: draw.whole(0, 1_500) }),
    perform: (world, { client, downMs }) => world.clients[client]?.kill(downMs) ?? false,
  }),

  stopClient: fault({
    weight: 1,
    draw: (draw, shape) => ({ client: anyClient(draw, shape), forMs: draw.whole(200, 5_000) }),
    perform: (world, { client, forMs }) => world.clients[client]?.stop(forMs) ?? false,
  }),
} as const

export type FaultName = keyof typeof faults
export type FaultArgs = Readonly<Record<string, unknown>>

/** The fault of a step. Its arguments were drawn by itself, so they fit. */
export const faultOf = (name: FaultName) => faults[name] as unknown as Fault<FaultArgs>
