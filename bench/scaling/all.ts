// Measures at several sizes what a node's work costs, and fits it.

import { type Acknowledging, acknowledging } from './acknowledging.ts'
import { ENTERING_PARTS, entering } from './entering.ts'
import { type Costs, fit, type Sample } from './fit.ts'
import { type Arrivals, MEMORY_PARTS, type Resident, residence } from './residence.ts'
import { fittedTraffic, TRAFFIC_PARTS, unfittedTraffic } from './traffic.ts'

/** Samples, and what one of each part costs by them: microseconds of CPU, or bytes. */
export interface Fitted {
  readonly samples: readonly Sample[]
  readonly costs: Costs
}

export interface Scaling {
  readonly traffic: Fitted
  /** Not fitted: how far the fit carries. */
  readonly beyond: readonly Sample[]
  readonly memory: Fitted
  readonly resident: readonly Resident[]
  readonly entering: Fitted
  readonly arrivals: readonly Arrivals[]
  readonly beatMicroseconds: number
  readonly kernelBytes: number | undefined
  readonly acknowledging: readonly Acknowledging[]
}

export async function measureScaling(say: (line: string) => void): Promise<Scaling> {
  say('publishing and delivering')
  const traffic = await fittedTraffic()
  say('channels, rates, bystanders')
  const beyond = await unfittedTraffic()
  say('connections, subscriptions, channels')
  const { memory, resident, arrivals, beat, kernelBytes } = await residence()
  say('publish and acknowledge')
  const acks = await acknowledging()
  say('presence')
  const crowds = await entering()
  return {
    traffic: fitted(traffic, TRAFFIC_PARTS),
    beyond,
    memory: fitted(memory, MEMORY_PARTS),
    resident,
    entering: fitted(crowds, ENTERING_PARTS),
    arrivals,
    beatMicroseconds: beat,
    kernelBytes,
    acknowledging: acks,
  }
}

function fitted(samples: readonly Sample[], names: readonly string[]): Fitted {
  return { samples, costs: fit(samples, names) }
}
