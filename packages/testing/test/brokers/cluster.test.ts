// The simulated cluster is a broker like any other where nothing goes wrong: what the simulation proves against it holds
// for every broker that passes the same suite.

import type { Clock } from '@tidings/core'
import { seededChance } from '@tidings/core/testing'
import type { Broker } from '@tidings/server'
import { brokerSuite } from '@tidings/testing/broker-suite'
import { expect, test } from 'vitest'
import { Cluster } from '../../src/simulation/cluster.ts'
import { ClusterBroker } from '../../src/simulation/cluster-broker.ts'
import { Machine } from '../../src/simulation/machine.ts'
import { Timeline } from '../../src/simulation/timeline.ts'

const nobody = { appended: () => {}, rolledBack: () => {}, trimmed: () => {} }

brokerSuite('the simulated cluster', {
  isDurable: true,
  // It trims as the log in memory does: once in 64 entries.
  slack: 64,
  async place() {
    let wall: Clock | undefined
    const chance = seededChance(5)
    const cluster = new Cluster({ chance, now: () => wall?.now() ?? 0, witness: nobody })
    return {
      open: async ({ clock }) => {
        wall = clock
        return running(cluster, chance)
      },
      remove: async () => {},
    }
  },
})

test('a node that closes while another primary takes over leaves no timer', async () => {
  const chance = seededChance(5)
  const timeline = new Timeline()
  const machine = new Machine(timeline)
  const cluster = new Cluster({ chance, now: () => timeline.now, witness: nobody })
  const broker = new ClusterBroker({
    ...{ cluster, machine, timeline, chance },
    latencyMs: 40,
    compareMs: 4_000,
    report: () => {},
  })
  const asked = broker.head('a')
  const closed = broker.close()
  cluster.failOver(0)
  await timeline.run(1_000, () => true)
  await Promise.all([asked, closed])
  expect(machine.timers).toBe(0)
})

/** A node's way to the cluster, on a timeline that moves on with every call. */
function running(cluster: Cluster, chance: ReturnType<typeof seededChance>): Broker {
  const timeline = new Timeline()
  const machine = new Machine(timeline)
  const broker = new ClusterBroker({
    ...{ cluster, machine, timeline, chance },
    latencyMs: 0,
    compareMs: 4_000,
    report: () => {},
  })
  const afterwards = <T>(result: T): T => {
    void timeline.run(timeline.now, () => true)
    return result
  }
  return {
    append: (request) => afterwards(broker.append(request)),
    read: (channel, after, limits) => afterwards(broker.read(channel, after, limits)),
    head: (channel) => afterwards(broker.head(channel)),
    attach: (channel, listener) => afterwards(broker.attach(channel, listener)),
    problem: () => broker.problem(),
    close: () => broker.close(),
    snapshots: {
      load: (channel) => afterwards(broker.snapshots.load(channel)),
      save: (channel, snapshot) => afterwards(broker.snapshots.save(channel, snapshot)),
    },
  }
}
