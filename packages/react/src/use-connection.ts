'use client'
// The connection as a value, and the two things that a person can do about it.

import type { ConnectionState } from '@tidings/client'
import { useMemo } from 'react'
import { useClient } from './use-client.ts'
import { useSource } from './use-source.ts'

export interface ConnectionActions {
  /** Dials at once, whatever the backoff says. Stays the same function. */
  readonly reconnect: () => void
  /** Ends the connection, until `reconnect`. Stays the same function. */
  readonly disconnect: () => void
}

/** On the server, and for the first render in the browser, nobody has connected yet. */
const NOT_YET: ConnectionState = { status: 'disconnected', reason: 'idle', attempt: 0, retryAt: undefined }

/**
 * The state of the connection: its `status`, the `reason`, failed attempts in a row and when the next one is due. With a
 * `selector`, only what it picks, and a render only when that changes by `isEqual` (default `Object.is`).
 *
 * @example
 * const isOnline = useConnection((connection) => connection.status === 'connected')
 *
 * const { status, reason, reconnect } = useConnection()
 * if (status === 'error') return <button onClick={reconnect}>Try again ({reason})</button>
 */
export function useConnection(): ConnectionState & ConnectionActions
export function useConnection<S>(
  selector: (connection: ConnectionState) => S,
  isEqual?: (a: S, b: S) => boolean,
): S
export function useConnection<S>(
  selector?: (connection: ConnectionState) => S,
  isEqual?: (a: S, b: S) => boolean,
): S | (ConnectionState & ConnectionActions) {
  const client = useClient()
  const withActions = useMemo(() => {
    const actions = { reconnect: () => client.reconnect(), disconnect: () => client.disconnect() }
    return (connection: ConnectionState) => ({ ...connection, ...actions })
  }, [client])
  // Equality comes with a selector only, so it never meets the other kind of value.
  return useSource<ConnectionState, S | (ConnectionState & ConnectionActions)>(
    client.connection,
    NOT_YET,
    selector ?? withActions,
    isEqual as ((a: unknown, b: unknown) => boolean) | undefined,
  )
}
