// Something that is done in or to the world at some moment: by people, by backends, or by fate. Its arguments are drawn
// with the plan, as plain data, so that a plan can be kept, shortened and replayed.

import type { Draw } from '../draw.ts'
import type { Shape } from '../shape.ts'
import type { World } from '../world.ts'

export interface Deed<Args> {
  draw(draw: Draw, shape: Shape): Args
  perform(world: World, args: Args, step: StepInfo): void
}

export interface StepInfo {
  /** Unique in the plan: what is published is numbered by it. */
  readonly id: number
}

/** Which tab, node or channel, by its place in the shape. */
export const anyTab = (draw: Draw, { tabs }: Shape): number => draw.whole(0, tabs.length - 1)
export const anyNode = (draw: Draw, { nodes }: Shape): number => draw.whole(0, nodes - 1)
export const anyChannel = (draw: Draw, { channels }: Shape): string => draw.one(channels)

export function deed<Args>(deed: Deed<Args>): Deed<Args> {
  return deed
}
