// What goes wrong when, as data: drawn from the seed alone, so that the same command does the same to the processes.

import { seededChance } from '@tidings/core/testing'
import { Draw } from '../simulation/draw.ts'
import { type FaultArgs, type FaultName, faultOf, faults, type Shape } from './faults.ts'

export interface FaultStep {
  readonly id: number
  /** Milliseconds from the beginning. */
  readonly at: number
  readonly fault: FaultName
  readonly args: FaultArgs
}

export interface FaultPlan {
  readonly seed: number
  readonly lastsMs: number
  readonly shape: Shape
  readonly steps: readonly FaultStep[]
}

/** Before the first fault, so that there is something to disturb. */
const CALM_MS = 600
/** Between two faults, on average. Several last for seconds, so they overlap. */
const GAP_MS = 600

export function planFaults(seed: number, lastsMs: number, shape: Shape): FaultPlan {
  const draw = new Draw(seededChance(Math.imul(seed, 0x9e3779b1) ^ 0x2545f491))
  const names = Object.keys(faults) as FaultName[]
  const total = names.reduce((sum, name) => sum + faults[name].weight, 0)
  const steps: FaultStep[] = []
  for (let at = CALM_MS; at < lastsMs; at += draw.whole(GAP_MS / 6, (GAP_MS * 11) / 6)) {
    let left = draw.fraction() * total
    const fault = names.find((name) => (left -= faults[name].weight) < 0) ?? 'cut'
    steps.push({ id: steps.length + 1, at, fault, args: faultOf(fault).draw(draw, shape) })
  }
  return { seed, lastsMs, shape, steps }
}
