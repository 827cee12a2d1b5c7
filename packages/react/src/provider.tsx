'use client'
// Hands one client to every hook below it. Rendering it opens nothing, in the browser or on the server: a client is
// inert until a mounted component subscribes or publishes.

import type { Client } from '@tidings/client'
import type { ReactNode } from 'react'
import { ClientContext } from './use-client.ts'

/**
 * Gives the components below it their client. Make the client once, outside of every component; it outlives the
 * provider, so that a remount (StrictMode, a hot reload, a change of layout) does not touch the connection. The
 * innermost provider counts.
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
  children,
}: {
  readonly client: Client
  readonly children?: ReactNode
}) {
  return <ClientContext value={client}>{children}</ClientContext>
}
