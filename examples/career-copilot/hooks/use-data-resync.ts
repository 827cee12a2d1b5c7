// After a lost connection everything that was fetched is fetched anew: on the window event `websocket:reconnected`.

import { useQueryClient } from '@tanstack/react-query'
import { useResync } from '@tidings/react'
import { useEffect } from 'react'
import { RESYNCED } from '../queries.ts'

export const RECONNECTED = 'websocket:reconnected'

export function useDataResync(): void {
  const queryClient = useQueryClient()
  useResync((resync) => window.dispatchEvent(new CustomEvent(RECONNECTED, { detail: resync })))
  useEffect(() => {
    const onReconnected = () => {
      for (const name of RESYNCED) void queryClient.invalidateQueries({ queryKey: [name] })
    }
    window.addEventListener(RECONNECTED, onReconnected)
    return () => window.removeEventListener(RECONNECTED, onReconnected)
  }, [queryClient])
}
