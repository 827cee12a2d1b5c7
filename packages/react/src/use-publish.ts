'use client'
// Writes, and what becomes of each: enough for a form to show what is under way and to offer another try for what was
// refused. Publishing needs no subscription; this hook takes none.

import type { Publication } from '@tidings/client'
import type { AnyDefinition, EventInput, EventName } from '@tidings/core'
import { useMemo } from 'react'
import { required, type Skippable, useHandle } from './use-handle.ts'
import { useSource } from './use-source.ts'
import { NO_WRITES, type WriteList, Writes } from './writes.ts'

/** The functions stay the same as long as the channel and the event do. */
export interface Publisher<D extends AnyDefinition, N extends EventName<D>>
  extends WriteList<EventInput<D, N>> {
  /** Queues a write, online or not, and returns it. Throws a TidingsError that names the field when the schema refuses it. */
  readonly publish: (data: EventInput<D, N>) => Publication
  /** Publishes the data of a refused write anew. Does nothing for any other. */
  readonly retry: (id: string) => void
  /** Forgets a refused write. Does nothing for any other. */
  readonly dismiss: (id: string) => void
}

/**
 * Publishes one kind of event. `last` is the newest write of this component with its status; `writes` are all that are
 * queued, sent or refused. An accepted one leaves the list. Renders when one of them changes.
 *
 * @example
 * const { publish, writes, retry } = usePublish(hello({ room }), 'said')
 *
 * <form action={(form) => void publish({ name, text: String(form.get('text')) })}>…</form>
 * {writes.map(({ id, data, status }) => (
 *   <p key={id} aria-busy={status.name !== 'refused'}>
 *     {data.text} {status.name === 'refused' && <button onClick={() => retry(id)}>{status.error.message} Send again</button>}
 *   </p>
 * ))}
 */
export function usePublish<D extends AnyDefinition, N extends EventName<D>>(
  ref: Skippable<D>,
  name: N,
): Publisher<D, N> {
  const channel = useHandle(ref)
  // Another channel or event is another conversation: its list starts empty.
  const list = useMemo(() => new Writes<EventInput<D, N>>(), [channel, name])
  const { last, writes } = useSource<WriteList<EventInput<D, N>>>(list, NO_WRITES)
  const actions = useMemo(() => {
    const publish = (data: EventInput<D, N>) => {
      const publication = required(channel, 'publish').publish(name, data)
      list.follow(publication, data)
      return publication
    }
    const retry = (id: string) => {
      const refused = list.refused(id)
      if (!refused) return
      publish(refused.data)
      list.drop(refused)
    }
    const dismiss = (id: string) => {
      const refused = list.refused(id)
      if (refused) list.drop(refused)
    }
    return { publish, retry, dismiss }
  }, [channel, name, list])
  return useMemo(() => ({ last, writes, ...actions }), [last, writes, actions])
}
