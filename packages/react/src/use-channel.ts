'use client'
// Holds a channel while the component is mounted, and says how whole what it shows is. Does not render for events:
// those are for useChannelState and useEvent.

import type { CallOptions, ChannelOptions, Continuity, Load, Publication, Reset } from '@tidings/client'
import type {
  AnyDefinition,
  CallInput,
  CallName,
  CallOutput,
  EventInput,
  EventName,
  Position,
  SignalInput,
  SignalName,
} from '@tidings/core'
import { useEffect, useMemo } from 'react'
import { required, type Skippable, useHandle } from './use-handle.ts'
import { useLatest } from './use-latest.ts'
import { useSource } from './use-source.ts'

/** Where to begin, how to load the state, whom to hear of: for whoever opens the channel first. Later ones are ignored. */
export interface UseChannelOptions<D extends AnyDefinition> extends ChannelOptions<D> {
  /** Called when history between what was seen and what follows is gone. */
  readonly onReset?: ((reset: Reset) => void) | undefined
}

/** A channel in a component. The functions stay the same as long as the channel does. */
export interface ChannelAccess<D extends AnyDefinition> {
  /** Live, catching up, or with a gap and why; changes render. */
  readonly continuity: Continuity
  /** The last entry seen. Read when called: it does not render. */
  readonly position: () => Position | undefined
  /** Queues a write without watching what becomes of it; usePublish watches. Throws for data that the schema refuses. */
  readonly publish: <N extends EventName<D>>(name: N, data: EventInput<D, N>) => Publication
  readonly signal: <N extends SignalName<D>>(name: N, data: SignalInput<D, N>) => void
  readonly call: <N extends CallName<D>>(
    name: N,
    input: CallInput<D, N>,
    options?: CallOptions,
  ) => Promise<CallOutput<D, N>>
}

const SKIPPED: Continuity = { status: 'idle', verdict: undefined }

/**
 * Subscribes to the channel while the component is mounted, and a second longer: a remount, or the next page, takes the
 * subscription over. A hidden `<Activity>` counts as unmounted.
 *
 * @example
 * const { continuity, publish } = useChannel(board({ id }), { onReset: () => toast('Some changes were not kept') })
 * if (continuity.status === 'denied') return <NoAccess />
 * return <Cards isStale={continuity.status !== 'live'} onMove={(card) => publish('moved', card)} />
 */
export function useChannel<D extends AnyDefinition>(
  ref: Skippable<D>,
  options: UseChannelOptions<D> = {},
): ChannelAccess<D> {
  const channel = useHandle(ref)
  const latest = useLatest(options)

  useEffect(() => {
    const { after, load, presence } = latest.current
    // Nobody asks the server before this turn ends: the options are in time for a child that subscribed before its parent.
    if (after !== undefined || load !== undefined || presence !== undefined) {
      // A reset loads again, and then with the function of the latest render.
      const loadLatest: Load<D> = (request) => (latest.current.load ?? (load as Load<D>))(request)
      channel?.configure({ after, presence, load: load && loadLatest })
    }
    // Listening keeps the channel subscribed, whether or not the app wants to hear.
    return channel?.onReset((reset) => latest.current.onReset?.(reset))
  }, [channel, latest])

  const continuity = useSource(channel?.continuity, SKIPPED)
  const actions = useMemo<Omit<ChannelAccess<D>, 'continuity'>>(
    () => ({
      position: () => channel?.position(),
      publish: (name, data) => required(channel, 'publish').publish(name, data),
      signal: (name, data) => required(channel, 'signal').signal(name, data),
      call: (name, input, callOptions) => required(channel, 'call').call(name, input, callOptions),
    }),
    [channel],
  )
  return useMemo(() => ({ continuity, ...actions }), [continuity, actions])
}
