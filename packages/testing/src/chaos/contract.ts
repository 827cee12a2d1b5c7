// The application that the chaos happens to. As in the simulation, what it publishes are numbers, each once in a whole
// run, and a state is a chain over them; but nothing is trimmed, so that in the end the log can tell all that ever was.

import { type Contract, channel, defineContract, type Schema } from '@tidings/core'
import { type Chained, chainOn, emptyChain, type Mark } from '../simulation/contract.ts'

const mark: Schema<Mark, Mark> = {
  '~standard': {
    version: 1,
    vendor: 'chaos',
    validate: (value) =>
      typeof (value as Mark | null)?.n === 'number'
        ? { value: value as Mark }
        : { issues: [{ message: 'has no number' }] },
  },
}

const common = { events: { marked: mark }, retention: { entries: 10_000_000 } }

/** Without a state: only events. */
export const tape = channel('tape/:id', common)
/** With a state, from the server's snapshots. */
export const board = channel('board/:id', {
  ...common,
  state: {
    version: 1,
    initial: emptyChain,
    on: {
      marked: (before: Chained, { n }: Mark, { isPending }: { readonly isPending: boolean }): Chained =>
        isPending
          ? { ...before, pending: [...before.pending, n] }
          : { count: before.count + 1, chain: chainOn(before.chain, n), pending: before.pending },
    },
  },
})

export const contract: Contract = defineContract({ tape, board })

export const boards = ['board/a', 'board/b'] as const
export const channels = [...boards, 'tape/a'] as const

/** Numbers that one life of a writer has for itself: those of a later life are higher. */
export const NUMBERS_PER_LIFE = 1_000_000
/** Numbers that one writer has for itself. */
export const NUMBERS_PER_WRITER = 1_000_000_000
