// The root of a client whose channels can do all that a contract may declare.

import type { AnyDefinition, ChannelRef } from '@tidings/core'
import { assemble, type ClientOptions, type EventClient } from './assembly.ts'
import { type Channel, WholeChannel } from './whole-channel.ts'

/** A connection to one server. Inert until it is used or `connect()` is called. */
export interface Client extends EventClient {
  /** The channel of this name: the same object while anything holds it. */
  channel<D extends AnyDefinition>(ref: ChannelRef<D>): Channel<D>
}

export function createClient(options: ClientOptions = {}): Client {
  // Every channel of this client is opened here.
  return assemble(options, (ref, host) => new WholeChannel(ref, host)) as Client
}
