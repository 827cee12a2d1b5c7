// Whether what is shown may be old: there has been no connection for so long that it is no passing drop.

import { useEffect, useState } from 'react'

/** As long as the kit keeps quiet about a drop, in milliseconds. */
const PASSING_MS = 5_000

export function useIsCutOff(isConnected: boolean): boolean {
  const [hasLasted, setHasLasted] = useState(false)
  useEffect(() => {
    if (isConnected) return
    const timer = setTimeout(() => setHasLasted(true), PASSING_MS)
    return () => {
      clearTimeout(timer)
      setHasLasted(false)
    }
  }, [isConnected])
  return !isConnected && hasLasted
}
