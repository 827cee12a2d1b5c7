// What follows from the costs of one node: how much it carries, and what several would have to. Pure arithmetic.

import { type Costs, costOf } from './fit.ts'

/** The part of one core that a plan may use; the rest is for bursts, garbage collection and the machine's own. */
export const SHARE = 0.6

const MICROSECONDS = 1_000_000

export interface Traffic {
  readonly readers: number
  /** Events that come in one message and leave in one write. */
  readonly burst: number
  /** Of the event's data, in kB. */
  readonly kB: number
}

/** CPU microseconds of one event, from its arrival to the last reader's socket. */
export function eventCost({ readers, burst, kB }: Traffic, costs: Costs): number {
  const parts = { publish: 1, turn: 1 / burst, write: readers / burst, kBIn: kB, kBOut: readers * kB }
  return costOf(parts, costs)
}

export function eventsPerSecond(traffic: Traffic, costs: Costs): number {
  return (SHARE * MICROSECONDS) / eventCost(traffic, costs)
}

/** Resident bytes of so many connections; each channel is open once on a node. */
export function memoryOf(
  {
    connections,
    subscriptions,
    channels,
  }: { readonly connections: number; readonly subscriptions: number; readonly channels: number },
  costs: Costs,
): number {
  return costOf(
    { connection: connections, subscription: connections * subscriptions, channel: channels },
    costs,
  )
}

/** The part of a core that signs of life take. */
export function beatShare(connections: number, { heartbeatMs, microseconds }: Beat): number {
  return (connections * microseconds) / (heartbeatMs * 1_000)
}

export interface Beat {
  readonly heartbeatMs: number
  readonly microseconds: number
}

/** Seconds until so many have come back to one node, at its share of a core. */
export function returnSeconds(connections: number, connectMicroseconds: number): number {
  return (connections * connectMicroseconds) / (SHARE * MICROSECONDS)
}

/** How many of the nodes have a reader of a channel whose readers came to any node by chance. */
export function nodesWithReaders(readers: number, nodes: number): number {
  return nodes * (1 - (1 - 1 / nodes) ** readers)
}
