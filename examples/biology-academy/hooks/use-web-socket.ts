// The academy's first hook: a connection and what can be done with it. Components with the same endpoint share one.

import type { ConnectionState } from '@tidings/client'
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { sourceOf, type WebSocketClientOptions } from '../client/options.ts'
import { WebSocketClient } from '../client/web-socket-client.ts'
import { useLatest } from './use-latest.ts'

export interface WebSocketHandle
  extends Pick<WebSocketClient, 'send' | 'reconnect' | 'disconnect' | 'getQueuedMessages' | 'clearQueue'> {
  readonly status: ConnectionState['status']
  readonly isConnected: boolean
  /** Round trip of the last ping, in milliseconds. */
  readonly latency: number | undefined
  readonly client: WebSocketClient
}

/** On the server, and while a page takes over what it rendered, nobody has connected yet. */
const NOT_YET: ConnectionState = { status: 'disconnected', reason: 'idle', attempt: 0, retryAt: undefined }

/**
 * Connects while the component is mounted. Two components that name the same endpoint share its connection, and the
 * settings of the first one count; the callbacks are everybody's own, and those of the latest render.
 */
export function useWebSocket(options: WebSocketClientOptions): WebSocketHandle {
  const key = keyOf(options)
  const [turn, setTurn] = useState(0)
  // The key has everything that makes it another connection; a new turn needs one because the last was closed.
  const shared = useMemo(() => sharedClient(key, options), [key, turn])
  const { client } = shared
  const latest = useLatest(options)
  const hearsMessages = options.onMessage !== undefined
  useEffect(() => {
    const stop = client.listen({
      onConnect: () => latest.current.onConnect?.(),
      onDisconnect: (reason) => latest.current.onDisconnect?.(reason),
      onError: (error) => latest.current.onError?.(error),
    })
    // Who comes to a connection that is there is told of it as well.
    if (client.status === 'connected') latest.current.onConnect?.()
    return stop
  }, [client, latest])
  useEffect(() => {
    if (!hearsMessages) return undefined
    return client.listen({ onMessage: (message) => latest.current.onMessage?.(message) })
  }, [client, latest, hearsMessages])
  useEffect(() => {
    // A hidden page that is shown again finds the connection closed that it had.
    if (shared.isOver) return setTurn((before) => before + 1)
    return hold(key, shared)
  }, [key, shared])
  const { connection } = client.tidings
  const state = useSyncExternalStore(connection.subscribe, connection.get, () => NOT_YET)
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
  isOver: boolean
}

const clients = new Map<string, Shared>()

function keyOf(options: WebSocketClientOptions): string {
  return JSON.stringify([sourceOf(options), options.url, options.userId, options.debug === true])
}

/** Inert until somebody holds it. */
function sharedClient(key: string, options: WebSocketClientOptions): Shared {
  const known = clients.get(key)
  if (known) return known
  const { onConnect, onDisconnect, onError, onMessage, ...settings } = options
  const shared = { client: new WebSocketClient(settings), holders: 0, isOver: false }
  // A server renders for many people, and nobody there ever lets go of it.
  if (typeof document !== 'undefined') clients.set(key, shared)
  return shared
}

function hold(key: string, shared: Shared): () => void {
  shared.holders++
  shared.client.connect()
  return () => {
    shared.holders--
    // React unmounts and mounts again within a turn; that is no leaving.
    setTimeout(() => {
      if (shared.holders > 0 || shared.isOver) return
      shared.isOver = true
      if (clients.get(key) === shared) clients.delete(key)
      shared.client.close()
    })
  }
}
