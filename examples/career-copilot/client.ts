// The app's one client: the product's own numbers, on the Tidings server or on a plain JSON backend.

import { type Client, type ClientOptions, createClient } from '@tidings/client'
import { indexedDbStorage } from '@tidings/client/indexeddb'
import { dialect, type PlainDialOptions, plainDial } from '@tidings/client/plain'
import { sharedDial } from '@tidings/client/tabs'
import { contract } from './contract.ts'
import type { Settings } from './settings.ts'

/** The platform, where it is not the browser's. */
export interface ClientPorts extends Pick<ClientOptions, 'clock' | 'chance'> {
  /** Opens a plain backend's socket. */
  readonly open?: PlainDialOptions['open']
}

export function createCareerClient({ user, plainUrl }: Settings, ports: ClientPorts = {}): Client {
  const { open, ...platform } = ports
  const numbers = {
    ...platform,
    backoff: { firstMs: 1_000, factor: 1.5, maxMs: 30_000 },
    connectTimeoutMs: 5_000,
    // Tried at most 30 s apart for as long as it takes.
    breaker: { failures: Number.POSITIVE_INFINITY },
    // With what a handler of the app threw itself.
    onError: ({ message, cause }: Error) => console.error(message, ...(cause === undefined ? [] : [cause])),
  }
  if (plainUrl !== undefined) {
    return createClient({
      ...numbers,
      url: plainUrl,
      dial: plainDial({ contract, dialect: dialect({}, { type: 'event' }), open, ...platform }),
      outbox: { maxMessages: 100 },
    })
  }
  // All tabs share one connection, and what somebody does offline outlives the page.
  return createClient({
    ...numbers,
    dial: sharedDial({ name: `career ${user}` }),
    outbox: { storage: indexedDbStorage(), maxMessages: 100 },
  })
}
