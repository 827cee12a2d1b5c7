// What became of the writes that one usePublish made. Keeps those that are on their way or were refused; an accepted one
// leaves the list, for it is in the channel now. No React in here.

import type { Publication, PublicationStatus, Source } from '@tidings/client'
import type { Cancel } from '@tidings/core'

/** One write and what has become of it. */
export interface Write<Input> {
  /** The id of the entry that it becomes. Begins with `local:` before the first connection. */
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

interface Followed<Input> {
  readonly publication: Publication
  write: Write<Input>
}

export class Writes<Input> implements Source<WriteList<Input>> {
  readonly #listeners = new Set<() => void>()
  #followed: readonly Followed<Input>[] = []
  #last: Followed<Input> | undefined
  #list: WriteList<Input> = NO_WRITES

  readonly get = (): WriteList<Input> => this.#list

  readonly subscribe = (listener: () => void): Cancel => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Follows a write until it is accepted or refused, whether or not anybody looks on. */
  follow(publication: Publication, data: Input): void {
    const look = (): Write<Input> => ({ id: publication.id, data, status: publication.status.get() })
    const followed = { publication, write: look() }
    const stop = publication.status.subscribe(() => {
      followed.write = look()
      if (isFinal(followed.write)) stop()
      this.#changed(this.#followed)
    })
    this.#last = followed
    this.#changed([...this.#followed, followed])
  }

  /** The refused write of that id; undefined for any other, which cannot be called back. */
  refused(id: string): Write<Input> | undefined {
    return this.#list.writes.find((write) => write.id === id && write.status.name === 'refused')
  }

  /** Forgets a refused write. */
  drop(refused: Write<Input>): void {
    if (this.#last?.write === refused) this.#last = undefined
    this.#changed(this.#followed.filter(({ write }) => write !== refused))
  }

  #changed(followed: readonly Followed<Input>[]): void {
    this.#followed = bounded(followed)
    this.#list = { last: this.#last?.write, writes: this.#followed.map(({ write }) => write) }
    for (const listener of [...this.#listeners]) listener()
  }
}

const isFinal = ({ status: { name } }: Write<unknown>) => name !== 'queued' && name !== 'sent'

function bounded<Input>(followed: readonly Followed<Input>[]): readonly Followed<Input>[] {
  let surplus = followed.filter(({ write }) => write.status.name === 'refused').length - MAX_REFUSED
  return followed.filter(({ write: { status } }) => {
    if (status.name === 'refused') return surplus-- <= 0
    return status.name === 'queued' || status.name === 'sent'
  })
}
