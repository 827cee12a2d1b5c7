// The application that is simulated. What it publishes are numbers, each once in a whole run; its state is a chain over
// them, so that one look at a state tells which history was folded, and whether anything was lost, doubled or moved.

import { type Contract, channel, defineContract, type Schema } from '@tidings/core'

/** An event's data: its number, and something to make messages longer. */
export interface Mark {
  readonly n: number
  readonly pad?: string
}

export interface Chained {
  /** Entries folded so far. */
  readonly count: number
  /** A mark of all of them, in order. */
  readonly chain: number
  /** Numbers of the pending writes on top, in order. */
  readonly pending: readonly number[]
}

/** A schema by hand: the simulation checks thousands of values a second, and needs no messages. */
function schema<T>(isRight: (value: unknown) => boolean): Schema<T, T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'simulation',
      validate: (value) =>
        isRight(value) ? { value: value as T } : { issues: [{ message: 'is not right' }] },
    },
  }
}

const mark = schema<Mark>((value) => typeof (value as Mark | null)?.n === 'number')
const text = schema<string>((value) => typeof value === 'string')

export const emptyChain: Chained = { count: 0, chain: 0x811c9dc5, pending: [] }

/** The mark of a history with one more entry. */
export function chainOn(chain: number, n: number): number {
  let mixed = Math.imul(chain ^ n, 0x01000193)
  mixed ^= mixed >>> 15
  return Math.imul(mixed, 0x2c1b3c6d) >>> 0
}

const state = {
  version: 3,
  initial: emptyChain,
  on: {
    marked: (before: Chained, { n }: Mark, { isPending }: { readonly isPending: boolean }): Chained =>
      isPending
        ? { ...before, pending: [...before.pending, n] }
        : { count: before.count + 1, chain: chainOn(before.chain, n), pending: before.pending },
    /** What a fold throws on, both ends skip: it must brick nobody. */
    poisoned: (): Chained => {
      throw new Error('This entry cannot be folded.')
    },
  },
}

const common = {
  events: { marked: mark, poisoned: mark },
  signals: { nudged: mark },
  presence: text,
}

/** Without a state: only events. */
export const feed = channel('feed/:id', { ...common, retention: { entries: 24 } })
/** With a state, from the server's snapshots. */
export const board = channel('board/:id', { ...common, state, retention: { entries: 8 } })
/** With a state that the app loads by itself. */
export const sheet = channel('sheet/:id', {
  ...common,
  state,
  retention: { entries: 24 },
  calls: { sum: { input: mark, output: mark } },
})

export const contract = defineContract({ feed, board, sheet })
export const anyContract: Contract = contract

/** All three kinds look the same to who only marks. */
export type SimulatedDefinition = typeof board.definition

/** The reference of a channel by its name, such as `board/a`. */
export function channelOf(name: string): ReturnType<typeof board> {
  const ref = anyContract.resolve(name)
  if (!ref) throw new TypeError(`The simulated contract has no channel "${name}".`)
  // Feeds lack the state, boards the calls; who uses either asks for the right kind.
  return ref as unknown as ReturnType<typeof board>
}
