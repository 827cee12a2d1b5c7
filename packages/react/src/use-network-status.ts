'use client'
// Whether the person is cut off, and since when: the device's word and the connection's, as one.

import type { Client, ConnectionState, Source } from '@tidings/client'
import { systemClock } from '@tidings/core'
import { useMemo } from 'react'
import { useClient } from './use-client.ts'
import { useSource } from './use-source.ts'

export interface NetworkStatus {
  readonly status: /** Connected, or nothing stands in the way. */
    | 'online'
    /** The device has a network, and the server does not answer: it is tried again. */
    | 'reconnecting'
    /** The device has no network. */
    | 'offline'
    /** Given up: credentials, policy or version. Only `reconnect()` tries again. */
    | 'failed'
  /** When this began, in wall milliseconds since 1970; undefined before anything has happened. */
  readonly since: number | undefined
}

const ONLINE: NetworkStatus = { status: 'online', since: undefined }

/**
 * How things stand between this page and its server; renders when that changes. The client dials by itself as soon as
 * the device has a network again.
 *
 * @example
 * const { status } = useNetworkStatus()
 * useEffect(() => {
 *   if (status === 'offline') toast('Connection lost')
 * }, [status])
 */
export function useNetworkStatus(): NetworkStatus {
  const client = useClient()
  const source = useMemo(() => networkOf(client), [client])
  return useSource(source, ONLINE)
}

function networkOf(client: Client): Source<NetworkStatus> {
  let last = ONLINE
  const get = () => {
    const status = statusOf(client.connection.get(), isDeviceOnline())
    if (status !== last.status) last = { status, since: systemClock.now() }
    return last
  }
  const subscribe = (listener: () => void) => {
    const { addEventListener: listen, removeEventListener: ignore } = globalThis
    const stop = client.connection.subscribe(listener)
    for (const type of DEVICE_EVENTS) listen?.(type, listener)
    return () => {
      stop()
      for (const type of DEVICE_EVENTS) ignore?.(type, listener)
    }
  }
  return { get, subscribe }
}

const DEVICE_EVENTS = ['online', 'offline']

const isDeviceOnline = () => typeof navigator === 'undefined' || navigator.onLine !== false

function statusOf({ status, reason }: ConnectionState, isOnline: boolean): NetworkStatus['status'] {
  // A device may be wrong about its network; a connection that works is not.
  if (status === 'connected') return 'online'
  if (status === 'error') return 'failed'
  if (!isOnline || reason === 'offline') return 'offline'
  return status === 'reconnecting' ? 'reconnecting' : 'online'
}
