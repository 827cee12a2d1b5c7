// Tells the person about the network in one toast that changes its words. A drop shorter than a moment changes only the
// dot; the device's own "offline" is told at once. The client dials by itself when the network returns.

import { useNetworkStatus as useStatus } from '@tidings/react'
import { dismissToast, toast } from '@tidings/ui/toaster'
import { useEffect, useRef } from 'react'

const QUIET_MS = 2_500
const ID = 'network'

export type { NetworkStatus } from '@tidings/react'

export function useNetworkStatus(isEnabled = true) {
  const network = useStatus()
  const status = isEnabled ? network.status : 'online'
  const wasTold = useRef(false)
  useEffect(() => {
    const tell = (title: string, description: string, variant: 'success' | 'warning' | 'error') => {
      // Other tabs have eyes of their own when they are looked at.
      if (document.visibilityState !== 'visible') return
      wasTold.current = variant !== 'success'
      // The banner says it to screen readers.
      toast(title, { id: ID, description, variant, durationMs: 4_000, isSilent: true })
    }
    switch (status) {
      case 'offline':
        return tell('Connection Lost', 'This device is offline. What you do waits here.', 'warning')
      case 'failed':
        return tell(
          'Connection Issue',
          'Live updates have stopped. Choose “Try now” to start again.',
          'error',
        )
      case 'reconnecting': {
        const timer = setTimeout(
          () => tell('Reconnecting…', 'What you do waits here until the server answers.', 'warning'),
          QUIET_MS,
        )
        return () => clearTimeout(timer)
      }
      case 'online':
        if (wasTold.current) tell('Reconnected', 'Everything is up to date.', 'success')
    }
  }, [status])
  useEffect(() => () => dismissToast(ID), [])
  return network
}
