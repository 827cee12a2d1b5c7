// A client for pages that only listen to events and publish them: nothing of states, presence, signals and calls is loaded.
// Connection, order, recovery and outbox are the same.

import { assemble, type ClientOptions, type EventClient } from './assembly.ts'
import { LiveChannel } from './channel.ts'

export type { ClientOptions, EventClient } from './assembly.ts'
export type { EventChannel, EventChannelOptions } from './channel.ts'

export function createClient(options: ClientOptions = {}): EventClient {
  return assemble(options, (ref, host) => new LiveChannel(ref, host))
}
