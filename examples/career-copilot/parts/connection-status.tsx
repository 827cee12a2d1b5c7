// How the connection is: a dot with its word as a tooltip, or dot and word. Both open what can be known, and done.

import { ConnectedStatus } from '@tidings/ui/connected'
import { useRealtime } from '../realtime-provider.tsx'

export function ConnectionStatusCompact() {
  const { isEnabled } = useRealtime()
  return isEnabled ? <ConnectedStatus isCompact /> : null
}

export function ConnectionStatusFull() {
  const { isEnabled } = useRealtime()
  return isEnabled ? (
    <ConnectedStatus align="start" />
  ) : (
    <p className="cc-muted">
      Live updates are switched off. Pages show what was there when they were opened.
    </p>
  )
}
