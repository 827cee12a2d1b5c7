'use client'
// Hands one client to every hook below it. Rendering it opens nothing, in the browser or on the server: a client is
// inert until a mounted component subscribes or publishes.

import type { Client } from '@tidings/client'
import { type ReactNode, useEffect, useMemo } from 'react'
import { type Enabled, withSwitches } from './switched-off.ts'
import { ClientContext } from './use-client.ts'

/** Clients that a flag has hung up. They outlive their providers, and so does this. */
const hungUp = new WeakSet<Client>()

/**
 * Gives the components below it their client. Make the client once, outside of every component; it outlives the
 * provider, so that a remount (StrictMode, a hot reload, a change of layout) does not touch the connection. The
 * innermost provider counts.
 *
 * `enabled` is for feature flags. False hangs up, and true dials again; a function decides for each channel (make it
 * once, or with useCallback). What is off is idle and empty, its writes are refused, and no hook throws.
 *
 * @example
 * const client = createClient({ token: fetchToken })
 *
 * createRoot(element).render(
 *   <TidingsProvider client={client}>
 *     <App />
 *   </TidingsProvider>,
 * )
 */
export function TidingsProvider({
  client,
  enabled = true,
  children,
}: {
  readonly client: Client
  readonly enabled?: Enabled
  readonly children?: ReactNode
}) {
  const given = useMemo(() => withSwitches(client, enabled), [client, enabled])
  const isOff = enabled === false
  useEffect(() => {
    if (isOff) {
      hungUp.add(client)
      client.disconnect()
    } else if (hungUp.delete(client)) client.connect()
  }, [client, isOff])
  return <ClientContext value={given}>{children}</ClientContext>
}
