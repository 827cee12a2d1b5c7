'use client'
// Tells a drop that lasts from one that passes: what keeps the kit quiet.

import { useEffect, useState } from 'react'
import { useSettings } from './settings.ts'

/** True once `condition` has held for `ms` milliseconds without a break; false as soon as it breaks. */
export function useHasLasted(condition: boolean, ms: number): boolean {
  const { clock } = useSettings()
  const [hasLasted, setHasLasted] = useState(false)
  useEffect(() => {
    if (!condition) return
    const cancel = clock.setTimer(ms, () => setHasLasted(true))
    return () => {
      cancel()
      setHasLasted(false)
    }
  }, [clock, condition, ms])
  return condition && hasLasted
}
