// Every deed by its name, in groups. A new kind of deed is one entry in its group; plan.ts draws from these.

import { device } from './device.ts'
import { clusterLog, log } from './log.ts'
import { network } from './network.ts'
import { nodes } from './nodes.ts'
import { pages, storage, tabs } from './pages.ts'
import { unnamed, workload } from './workload.ts'

export const faultGroups = { network, device, pages, tabs, storage, nodes, log, clusterLog } as const
export { unnamed, workload } from './workload.ts'

const deeds = {
  ...workload,
  ...unnamed,
  ...network,
  ...device,
  ...pages,
  ...tabs,
  ...storage,
  ...nodes,
  ...log,
  ...clusterLog,
}

export type DeedName = keyof typeof deeds

/** What happens when, to whom: one line of a plan. */
export interface Step {
  readonly id: number
  /** Milliseconds from the beginning. */
  readonly at: number
  readonly deed: DeedName
  readonly args: Readonly<Record<string, unknown>>
}

/** The deed of a step. Its arguments were drawn by itself, so they fit. */
export function deedOf(name: DeedName) {
  return deeds[name] as unknown as import('./deed.ts').Deed<Readonly<Record<string, unknown>>>
}
