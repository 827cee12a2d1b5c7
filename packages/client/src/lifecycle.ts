// What the platform says about the network and the page.

import type { Cancel } from '@tidings/core'

export type LifecycleHint = 'online' | 'offline' | 'visible' | 'hidden' | 'frozen' | 'resumed'

export interface Lifecycle {
  /** False only where the platform is sure that there is no network. */
  isOnline(): boolean
  subscribe(listener: (hint: LifecycleHint) => void): Cancel
}
