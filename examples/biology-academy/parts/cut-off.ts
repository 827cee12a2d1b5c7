// Whether what is shown may be old: there has been no connection for so long that it is no passing drop, or it is one
// that waiting does not mend.

import type { Client } from '@tidings/client'
import { useEffect, useState, useSyncExternalStore } from 'react'

/** As long as the kit keeps quiet about a drop, in milliseconds. */
const PASSING_MS = 5_000

export function useIsCutOff({ connection }: Client): boolean {
  const { status, reason } = useSyncExternalStore(connection.subscribe, connection.get, connection.get)
  const isConnected = status === 'connected'
  const [hasLasted, setHasLasted] = useState(false)
  useEffect(() => {
    if (isConnected) return
    const timer = setTimeout(() => setHasLasted(true), PASSING_MS)
    return () => {
      clearTimeout(timer)
      setHasLasted(false)
    }
  }, [isConnected])
  const isHungUp = status === 'error' || (status === 'disconnected' && reason !== 'idle')
  return !isConnected && (hasLasted || isHungUp || reason === 'offline')
}
