'use client'
// Where a component finds its client. Which client that is, the application decides: nothing here makes one, connects
// one or closes one.

import type { Client } from '@tidings/client'
import { createContext, useContext } from 'react'

export const ClientContext = createContext<Client | undefined>(undefined)

/**
 * The client of the nearest {@link TidingsProvider}: for what no other hook does. Throws when there is none.
 *
 * @example
 * const client = useClient()
 * return <button onClick={() => client.disconnect()}>Work offline</button>
 */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (!client) {
    throw new Error(
      'A Tidings hook found no client: put <TidingsProvider client={client}> around the components that use it.',
    )
  }
  return client
}
