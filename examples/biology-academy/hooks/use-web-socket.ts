// The academy's first hook: a connection and what can be done with it. Components with the same endpoint share one.

import type { ConnectionState } from '@tidings/client'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { sourceOf, type WebSocketClientOptions } from '../client/options.ts'
import { WebSocketClient } from '../client/web-socket-client.ts'

export interface WebSocketHandle
  extends Pick<WebSocketClient, 'send' | 'reconnect' | 'disconnect' | 'getQueuedMessages' | 'clearQueue'> {
  readonly status: ConnectionState['status']
  readonly isConnected: boolean
  /** Round trip of the last ping, in milliseconds. */
  readonly latency: number | undefined
  readonly client: WebSocketClient
}

/**
 * Connects while the component is mounted. Two components that name the same endpoint share its connection, and the
 * other options of the first one count.
 */
export function useWebSocket(options: WebSocketClientOptions): WebSocketHandle {
  const key = keyOf(options)
  // The key has everything that makes it another connection.
  const shared = useMemo(() => sharedClient(key, options), [key])
  useEffect(() => hold(key, shared), [key, shared])
  const { client } = shared
  const { connection } = client.tidings
  const state = useSyncExternalStore(connection.subscribe, connection.get, connection.get)
  return useMemo(
    () => ({
      client,
      status: state.status,
      isConnected: state.status === 'connected',
      latency: state.status === 'connected' ? state.latencyMs : undefined,
      send: client.send.bind(client),
      reconnect: () => client.reconnect(),
      disconnect: () => client.disconnect(),
      getQueuedMessages: () => client.getQueuedMessages(),
      clearQueue: () => client.clearQueue(),
    }),
    [client, state],
  )
}

interface Shared {
  readonly client: WebSocketClient
  holders: number
}

const clients = new Map<string, Shared>()

function keyOf(options: WebSocketClientOptions): string {
  return JSON.stringify([sourceOf(options), options.url, options.userId, options.debug === true])
}

/** Inert until somebody holds it. */
function sharedClient(key: string, options: WebSocketClientOptions): Shared {
  let shared = clients.get(key)
  if (!shared) clients.set(key, (shared = { client: new WebSocketClient(options), holders: 0 }))
  return shared
}

function hold(key: string, shared: Shared): () => void {
  shared.holders++
  shared.client.connect()
  return () => {
    shared.holders--
    // React unmounts and mounts again within a turn; that is no leaving.
    setTimeout(() => {
      if (shared.holders > 0 || clients.get(key) !== shared) return
      clients.delete(key)
      shared.client.close()
    })
  }
}
