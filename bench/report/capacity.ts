// Tables that follow from the costs: one node, ten, a thousand.

import type { Scaling } from '../scaling/all.ts'
import {
  beatShare,
  eventCost,
  eventsPerSecond,
  memoryOf,
  nodesWithReaders,
  returnSeconds,
  SHARE,
} from '../scaling/capacity.ts'
import { grid } from './page.ts'
import { short } from './table.ts'

/** An event as in docs/performance.md: data of some 200 bytes. */
const KB = 0.2
const PER_NODE = 10_000

export function capacityTables(scaling: Scaling, heartbeatMs: number): string {
  return [
    '### One node',
    `Each figure by itself, at ${SHARE * 100} % of one core, events of 200 bytes, the log in memory.`,
    nodeTable(scaling, heartbeatMs),
    '### Several nodes',
    `${PER_NODE.toLocaleString('en')} connections on each, with three subscriptions.`,
    fleetTable(scaling),
  ].join('\n\n')
}

function nodeTable(scaling: Scaling, heartbeatMs: number): string {
  const { costs } = scaling.traffic
  const rate = (readers: number, burst: number) => {
    const events = eventsPerSecond({ readers, burst, kB: KB }, costs)
    return `${short(events)} events, ${short(events * readers)} deliveries a second`
  }
  const lines = [5, 100, 1_000, 10_000].flatMap((readers) => {
    const who = `${readers.toLocaleString('en')} readers`
    return [
      [`channels of ${who}, one event at a time`, rate(readers, 1)],
      [`channels of ${who}, bursts of 16`, rate(readers, 16)],
    ]
  })
  const heap = memoryOf({ connections: PER_NODE, subscriptions: 3, channels: PER_NODE }, scaling.memory.costs)
  const beat = beatShare(PER_NODE, { heartbeatMs, microseconds: scaling.beatMicroseconds })
  const many = PER_NODE.toLocaleString('en')
  return grid(
    ['what', 'one node'],
    [
      ...lines,
      [
        `memory of ${many} connections, three subscriptions each, ${many} channels`,
        `${short((heap * residentPerHeap(scaling)) / 1e6)} MB`,
      ],
      [`CPU of the pings of ${many} idle connections, one in ${heartbeatMs / 1_000} s`, percent(beat)],
      [`${many} connections come back at once`, `${short(returnSeconds(PER_NODE, connectCost(scaling)))} s`],
    ],
  )
}

function fleetTable(scaling: Scaling): string {
  const { costs } = scaling.traffic
  const sizes = [10, 1_000]
  const row = (what: string, of: (nodes: number) => string) => [what, ...sizes.map(of)]
  const hot = eventCost({ readers: PER_NODE, burst: 1, kB: KB }, costs)
  const share = (connections: number) => `${short(returnSeconds(connections, connectCost(scaling)))} s`
  return grid(
    ['', ...sizes.map((nodes) => `${nodes.toLocaleString('en')} nodes`)],
    [
      row('connections', (nodes) => short(nodes * PER_NODE)),
      row('nodes that a channel of 5 readers reaches', (nodes) => short(nodesWithReaders(5, nodes))),
      row('nodes that a channel of 1,000 readers reaches', (nodes) => short(nodesWithReaders(1_000, nodes))),
      row('a channel that everybody reads: CPU of each node for one event', () => `${short(hot / 1_000)} ms`),
      row('the same: events a second at most', () => short((SHARE * 1_000_000) / hot)),
      row('the same: copies of an event that leave the broker', (nodes) => nodes.toLocaleString('en')),
      row('one node ends: how long the others take its connections in', (nodes) =>
        share(PER_NODE / (nodes - 1)),
      ),
      row('all connections end: how long until all are back', () => share(PER_NODE)),
    ],
  )
}

/** Beside the most connections that were measured. */
function connectCost({ arrivals }: Scaling): number {
  return arrivals.at(-1)?.cpuMicroseconds ?? Number.NaN
}

/** How much more the process takes than its heap has grown by, at the most connections that were measured. */
function residentPerHeap({ resident }: Scaling): number {
  const { rssBytes, heapBytes } = resident.at(-1) ?? { rssBytes: Number.NaN, heapBytes: Number.NaN }
  return rssBytes / heapBytes
}

const percent = (part: number) => `${short(part * 100)} %`
