// One connection for all tabs of a browser: a Dial whose sockets are lanes of it. Each tab keeps its own client, with its
// writes and its places in the logs; so a tab that takes over has nothing to take over but the connection.

import {
  type Chance,
  type Clock,
  type Socket,
  type SocketHandlers,
  systemChance,
  systemClock,
} from '@tidings/core'
import { platformLifecycle } from '../lifecycle.ts'
import type { Dial, Lifecycle } from '../ports.ts'
import { addressOf, dialWebSocket } from '../websocket.ts'
import { FORMAT } from './messages.ts'
import { platformBrowser } from './platform.ts'
import type { Browser } from './ports.ts'
import { Tab } from './tab.ts'

export interface SharedDialOptions {
  /**
   * Tabs with the same name and address share. Each still says who it is with a token of its own; but cookies are those
   * of the tab that dialled. Where cookies say who somebody is, give something that changes with the person. Default ''.
   */
  readonly name?: string | undefined
  /** Dials the server. Default: the platform's WebSocket. */
  readonly dial?: Dial | undefined
  readonly browser?: Browser | undefined
  readonly clock?: Clock | undefined
  readonly chance?: Chance | undefined
  readonly lifecycle?: Lifecycle | undefined
}

export interface SharedDial {
  (url: string, protocols: readonly string[], handlers: SocketHandlers): Socket
  /** Whether the connection is this tab's own. */
  readonly isHolder: boolean
}

/**
 * Lets all tabs of an origin share one connection; one of them has it, and when that is closed or does not answer, another
 * one takes over. Where the browser has no locks or no broadcasts (and on pages that are not secure), each tab has a
 * connection of its own. That the tab with the connection does not answer a dial is noticed after 5 s at the most, however
 * often a client with a shorter `connectTimeoutMs` (default 10 s) dials anew meanwhile.
 *
 * @example
 * const client = createClient({ dial: sharedDial() })
 */
export function sharedDial({
  name = '',
  dial = dialWebSocket,
  browser = platformBrowser,
  clock = systemClock,
  chance = systemChance,
  lifecycle = platformLifecycle,
}: SharedDialOptions = {}): SharedDial {
  const tabs = new Map<string, Tab>()
  const share = (url: string, protocols: readonly string[], handlers: SocketHandlers): Socket => {
    const { locks, openBroadcast } = browser
    if (!locks || !openBroadcast) return dial(url, protocols, handlers)
    const group = `tidings ${FORMAT} ${name} ${addressOf(url)}`
    let tab = tabs.get(group)
    if (!tab) {
      const ports = { locks, openBroadcast, clock, chance, lifecycle }
      tabs.set(group, (tab = new Tab({ ...ports, group, dial: (own) => dial(url, protocols, own) })))
    }
    return tab.dial(handlers)
  }
  return Object.defineProperty(share, 'isHolder', {
    get: () => [...tabs.values()].some(({ isHolder }) => isHolder),
  }) as SharedDial
}
