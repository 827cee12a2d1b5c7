// What a seed stands for: a shape, and the steps that happen in it, as plain data. Each seed draws its own mix of deeds
// and weights (swarm testing: Groce et al., ISSTA 2012), so that some worlds see nothing but one kind of fault.

import { seededChance } from '@tidings/core/testing'
import { type DeedName, deedOf, faultGroups, type Step, unnamed, workload } from './deeds/all.ts'
import { Draw } from './draw.ts'
import type { Shape } from './shape.ts'

export interface Plan {
  readonly shape: Shape
  readonly steps: readonly Step[]
}

export function planOf(seed: number): Plan {
  const draw = new Draw(seededChance(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995))
  const shape = drawShape(draw, seed)
  const kinds = [
    ...drawKinds(draw, workNames(shape), WORKLOAD_WEIGHTS, 1, draw.whole(25, 60)),
    ...drawKinds(draw, faultNames(shape), {}, draw.one([0, 0.15, 0.3, 0.6]), draw.whole(2, 14)),
  ]
  const moments = kinds
    .map((kind) => ({ kind, at: draw.whole(0, shape.lastsMs) }))
    .sort((a, b) => a.at - b.at)
  const steps = moments.map(
    ({ kind, at }, id): Step => ({ id, at, deed: kind, args: deedOf(kind).draw(draw, shape) }),
  )
  return { shape, steps }
}

/** Writing is what most of it is about. Deeds without a weight here have 1. */
const WORKLOAD_WEIGHTS: Readonly<Partial<Record<DeedName, number>>> = {
  publish: 24,
  burst: 2,
  backendPublish: 8,
  subscribe: 3,
  unsubscribe: 2,
  enter: 3,
  leave: 1.5,
  signal: 2,
  clearOutbox: 0.4,
  visit: 3,
  claim: 3,
  discard: 1,
  reopen: 0.6,
  hangUp: 0.7,
  reconnect: 0.5,
  call: 1,
}

/** What people do in this world. */
function workNames({ disk }: Shape): DeedName[] {
  const deeds = { ...workload, ...(disk?.isNamed === false && unnamed) }
  return Object.keys(deeds) as DeedName[]
}

/** What can go wrong in this world. */
function faultNames({ broker, browsers, disk }: Shape): DeedName[] {
  const { clusterLog, tabs, storage, ...anywhere } = faultGroups
  const groups = [
    ...Object.values(anywhere),
    ...(broker === 'cluster' ? [clusterLog] : []),
    ...(browsers ? [tabs] : []),
    ...(disk ? [storage] : []),
  ]
  return groups.flatMap((group) => Object.keys(group) as DeedName[])
}

/** `count` kinds out of those that this seed has at all, by weights of its own. */
function drawKinds(
  draw: Draw,
  names: readonly DeedName[],
  weights: Readonly<Partial<Record<DeedName, number>>>,
  share: number,
  count: number,
): DeedName[] {
  const weighted = draw
    .some(names, share)
    .map((name) => ({ name, weight: (weights[name] ?? 1) * draw.one([0.3, 1, 1, 3]) }))
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0) return []
  return Array.from({ length: count }, () => {
    let left = draw.fraction() * total
    return (weighted.find(({ weight }) => (left -= weight) < 0) ?? weighted[0])?.name as DeedName
  })
}

/** Some share a connection, some keep their outboxes, some do both; most do neither. */
function drawBrowsers(draw: Draw, tabs: number): Pick<Shape, 'browsers' | 'tabLatencyMs' | 'disk'> {
  const isShared = draw.happens(0.3)
  const isDurable = draw.happens(0.3)
  const second = draw.happens(0.3) ? draw.whole(1, tabs - 1) : tabs
  return {
    ...(isShared && {
      browsers: Array.from({ length: tabs }, (_, place) => (place < second ? 0 : 1)),
      tabLatencyMs: draw.one([0.1, 1, 10]),
    }),
    ...(isDurable && {
      disk: {
        isExclusive: draw.happens(0.7),
        isNamed: draw.happens(0.7),
        latencyMs: draw.one([0.2, 2, 20]),
      },
    }),
  }
}

function drawShape(draw: Draw, seed: number): Shape {
  const people = ['ada', 'ben', 'cyd'].slice(0, draw.whole(1, 3))
  const tabs = Array.from({ length: draw.whole(2, 4) }, (_, i) => people[i % people.length] as string)
  const channels = ['feed/a', 'board/a', 'sheet/a', 'board/b'].slice(0, draw.whole(2, 4))
  return {
    seed,
    ...drawBrowsers(draw, tabs.length),
    broker: draw.happens(0.7) ? 'cluster' : 'memory',
    nodes: draw.whole(1, 3),
    tabs,
    channels,
    subscribed: tabs.map(() => draw.some(channels, 0.75)),
    lastsMs: draw.whole(5_000, 30_000),
    latencyMs: draw.one([1, 5, 20, 80]),
    logLatencyMs: draw.one([0, 1, 5, 40]),
    windowBytes: draw.one([500, 4_000, 20_000]),
    tokenMs: draw.happens(0.25) ? draw.whole(6_000, 20_000) : undefined,
    outbox: { maxMessages: draw.one([8, 500]), maxInFlight: draw.one([1, 4, 64]) },
    limits: {
      ...draw.one([
        { highWaterBytes: 1_500, hardBytes: 20_000, pageLength: 4_000 },
        { highWaterBytes: 6_000, hardBytes: 60_000, pageLength: 20_000 },
        { highWaterBytes: 262_144, hardBytes: 1_048_576, pageLength: 131_072 },
      ]),
      ...draw.one([{}, { framesPerSecond: 15, frameBurst: 10 }]),
      waitingAppends: draw.one([2, 20_000]),
      pageEntries: draw.one([3, 10, 300]),
      tailEntries: draw.one([4, 16, 256]),
      replayEntries: draw.one([25, 100_000, 100_000]),
      snapshotEvery: draw.one([4, 16, 256]),
      channelLingerMs: draw.one([500, 5_000]),
      heartbeatMs: draw.one([2_000, 6_000]),
      presenceGraceMs: draw.one([1_000, 4_000]),
      recheckMs: 2_000,
      expiryGraceMs: 2_000,
      helloTimeoutMs: 3_000,
    },
  }
}
