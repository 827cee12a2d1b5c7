// A client of which feature flags have switched all or part off: the channel is there, nothing ever happens in it, and
// what is written to it is refused. So every hook works on, and nobody asks a server.

import type { Channel, Client, Continuity, Presence, Publication, Source } from '@tidings/client'
import { type AnyDefinition, type Cancel, type ChannelRef, TidingsError } from '@tidings/core'

const IDLE: Continuity = { status: 'idle', verdict: undefined }
const NOBODY: Presence<never> = { members: [], total: 0, isComplete: false }
const nothing: Cancel = () => undefined

/** Whether realtime is on: as a whole, or for one channel. */
export type Enabled = boolean | ((ref: ChannelRef) => boolean)

export function withSwitches(client: Client, enabled: Enabled): Client {
  if (enabled === true) return client
  const isOn = (ref: ChannelRef) => enabled !== false && enabled(ref)
  return {
    ...client,
    ...(enabled === false && { connect: nothing, reconnect: nothing }),
    channel: (ref) => (isOn(ref) ? client.channel(ref) : switchedOff(ref)),
  }
}

function switchedOff<D extends AnyDefinition>(ref: ChannelRef<D>): Channel<D> {
  let writes = 0
  const refusal = () =>
    new TidingsError('unavailable', `Realtime is switched off for "${ref.name}" by a feature flag.`, {
      channel: ref.name,
    })
  return {
    ref,
    continuity: always(IDLE),
    state: always(undefined),
    presence: always(NOBODY),
    on: () => nothing,
    onAny: () => nothing,
    onReset: () => nothing,
    onSignal: () => nothing,
    hold: () => nothing,
    keep: () => nothing,
    publish: (event, data) => refused({ id: `off:${++writes}`, channel: ref.name, event, data }, refusal()),
    signal: nothing,
    enter: () => nothing,
    call: () => Promise.reject(refusal()),
    configure: nothing,
    position: () => undefined,
  }
}

function refused(
  write: Pick<Publication, 'id' | 'channel' | 'event' | 'data'>,
  error: TidingsError,
): Publication {
  const done = Promise.reject(error)
  // It may be left alone.
  done.catch(nothing)
  return { ...write, isStored: false, status: always({ name: 'refused', error }), done }
}

const always = <T>(value: T): Source<T> => ({ get: () => value, subscribe: () => nothing })
