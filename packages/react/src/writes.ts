// What became of the writes that one usePublish made. Keeps those that are on their way or were refused; an accepted one
// leaves the list, for it is in the channel now. No React in here.

import type { Publication, PublicationStatus, Source } from '@tidings/client'
import type { Cancel } from '@tidings/core'

/** One write and what has become of it. */
export interface Write<Input> {
  readonly id: string
  readonly data: Input
  readonly status: PublicationStatus
}

export interface WriteList<Input> {
  /** The newest write, whatever became of it; undefined before the first. */
  readonly last: Write<Input> | undefined
  /** Every write that is queued, sent or refused, in order. */
  readonly writes: readonly Write<Input>[]
}

/** Refused writes that are kept for a retry, the newest ones. The outbox bounds those on their way. */
export const MAX_REFUSED = 100

export const NO_WRITES: WriteList<never> = { last: undefined, writes: [] }

export class Writes<Input> implements Source<WriteList<Input>> {
  readonly #listeners = new Set<() => void>()
  #list: WriteList<Input> = NO_WRITES

  get(): WriteList<Input> {
    return this.#list
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Follows a write until it is accepted or refused, whether or not anybody looks on. */
  follow({ id, status }: Publication, data: Input): void {
    const look = () => {
      const write = { id, data, status: status.get() }
      const { last, writes } = this.#list
      this.#set({
        last: last?.id === id ? write : last,
        writes: keepable(writes.map((other) => (other.id === id ? write : other))),
      })
      if (isFinal(write)) stop()
    }
    const stop = status.subscribe(look)
    const write = { id, data, status: status.get() }
    this.#set({ last: write, writes: [...this.#list.writes, write] })
    look()
  }

  /** Removes a refused write and gives back its data; undefined for any other, which cannot be called back. */
  take(id: string): { readonly data: Input } | undefined {
    const { last, writes } = this.#list
    const write = writes.find((other) => other.id === id && other.status.name === 'refused')
    if (write)
      this.#set({
        last: last === write ? undefined : last,
        writes: writes.filter((other) => other !== write),
      })
    return write
  }

  #set(list: WriteList<Input>): void {
    this.#list = list
    for (const listener of [...this.#listeners]) listener()
  }
}

const isFinal = ({ status }: Write<unknown>) => status.name === 'accepted' || status.name === 'refused'

function keepable<Input>(writes: readonly Write<Input>[]): readonly Write<Input>[] {
  let surplus = writes.filter(({ status }) => status.name === 'refused').length - MAX_REFUSED
  return writes.filter(
    ({ status }) => status.name !== 'accepted' && !(status.name === 'refused' && surplus-- > 0),
  )
}
