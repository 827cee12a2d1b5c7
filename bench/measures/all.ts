// Every measure, in the order in which they run and are shown.

import type { SystemName } from '../systems/all.ts'
import { smallChannels } from './channels.ts'
import { connecting } from './connect.ts'
import { fanOut, fanOutGoals } from './fan-out.ts'
import { atLeast, type Plan, type Row } from './measure.ts'
import { idleMemory } from './memory.ts'
import { publishing } from './publish.ts'

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

export const measures: readonly Measure[] = [
  {
    name: 'fan-out to 100',
    isQuick: false,
    run: (plan) => fanOut(plan, { readers: 100, systems: everybody, perSecond: 50 }),
  },
  {
    name: 'fan-out to 1,000',
    isQuick: true,
    run: (plan) => fanOut(plan, { readers: 1_000, systems: those(plan), perSecond: 50, goals: fanOutGoals }),
  },
  {
    name: 'fan-out to 5,000',
    isQuick: false,
    run: (plan) => fanOut(plan, { readers: 5_000, systems: some, perSecond: 10 }),
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
  { name: 'connect and subscribe', isQuick: true, run: (plan) => connecting(plan, those(plan)) },
  { name: 'idle memory', isQuick: true, run: (plan) => idleMemory(plan, those(plan)) },
]
