// Every measure, in the order in which they run and are shown.

import type { SystemName } from '../systems/all.ts'
import { smallChannels } from './channels.ts'
import { connecting } from './connect.ts'
import { onDisk } from './disk.ts'
import { eventStreams } from './event-streams.ts'
import { fanOut, fanOutGoals } from './fan-out.ts'
import { atLeast, type Plan, type Row } from './measure.ts'
import { idleMemory } from './memory.ts'
import { pages } from './pages.ts'
import { presence } from './presence.ts'
import { publishing } from './publish.ts'
import { recovery } from './recovery.ts'
import { signals } from './signals.ts'
import { slowReader } from './slow-reader.ts'
import { reconnecting } from './storm.ts'
import { typeChecking } from './types.ts'

export interface Measure {
  readonly name: string
  /** Part of a quick run. */
  readonly isQuick: boolean
  readonly run: (plan: Plan) => Promise<Row[]>
}

const everybody: readonly SystemName[] = [
  ...(['socket.io', 'socket.io+recovery', 'ws', 'ws-prebuilt', 'bun', 'tidings'] as const),
]
const some: readonly SystemName[] = ['socket.io', 'ws', 'bun', 'tidings']
const those = ({ isQuick }: Plan) => (isQuick ? some : everybody)
/** What makes a ratio, and nobody else: where each system costs seconds. */
const both: readonly SystemName[] = ['socket.io', 'tidings']

export const measures: readonly Measure[] = [
  {
    name: 'fan-out to 100',
    isQuick: false,
    run: (plan) => fanOut(plan, { readers: 100, systems: some, perSecond: 50 }),
  },
  {
    name: 'fan-out to 1,000',
    isQuick: true,
    run: (plan) => fanOut(plan, { readers: 1_000, systems: those(plan), perSecond: 50, goals: fanOutGoals }),
  },
  {
    name: 'fan-out to 5,000',
    isQuick: false,
    // One burst is 80,000 deliveries: a slice of its own for those who write each by itself.
    run: (plan) =>
      fanOut({ ...plan, rounds: 4, warmUps: 1 }, { readers: 5_000, systems: some, perSecond: 5 }),
  },
  {
    name: '200 channels',
    isQuick: true,
    run: (plan) => smallChannels(plan, { channels: 200, systems: those(plan), goal: atLeast(1.6) }),
  },
  {
    name: '1,000 channels',
    isQuick: false,
    run: (plan) => smallChannels(plan, { channels: 1_000, systems: some, goal: atLeast(1.6) }),
  },
  { name: 'publish and acknowledge', isQuick: true, run: (plan) => publishing(plan, those(plan)) },
  { name: 'on disk', isQuick: false, run: onDisk },
  { name: 'connect and subscribe', isQuick: true, run: (plan) => connecting(plan, those(plan)) },
  { name: 'idle memory', isQuick: true, run: (plan) => idleMemory(plan, plan.isQuick ? both : some) },
  { name: 'recovery', isQuick: true, run: recovery },
  {
    name: 'reconnect storm',
    isQuick: false,
    run: (plan) => reconnecting(plan, ['socket.io', 'ws', 'tidings']),
  },
  { name: 'slow reader', isQuick: false, run: (plan) => slowReader(plan, some) },
  { name: 'signals', isQuick: false, run: (plan) => signals(plan, some) },
  { name: 'presence', isQuick: false, run: presence },
  { name: 'event streams', isQuick: false, run: eventStreams },
  { name: 'pages', isQuick: false, run: pages },
  { name: 'type checking', isQuick: false, run: typeChecking },
]
