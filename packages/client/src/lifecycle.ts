// What the platform says about the network and the page. Where it says nothing (Node, some workers), nothing is heard.

import type { Lifecycle, LifecycleHint } from './ports.ts'

export const platformLifecycle: Lifecycle = {
  isOnline: () => globalThis.navigator?.onLine !== false,
  subscribe(listener) {
    const stop = new AbortController()
    const hear = (
      target: Partial<EventTarget> | undefined,
      event: string,
      hint: (event: Event) => LifecycleHint | undefined,
    ) =>
      target?.addEventListener?.(
        event,
        (happened) => {
          const heard = hint(happened)
          if (heard) listener(heard)
        },
        { signal: stop.signal },
      )
    const { document } = globalThis as { document?: Document }
    hear(globalThis, 'online', () => 'online')
    hear(globalThis, 'offline', () => 'offline')
    hear(globalThis, 'pageshow', (event) =>
      (event as PageTransitionEvent).persisted ? 'resumed' : undefined,
    )
    // For the browser's history, from which it may come back, or for good.
    hear(globalThis, 'pagehide', () => 'frozen')
    hear(document, 'visibilitychange', () => (document?.visibilityState === 'visible' ? 'visible' : 'hidden'))
    hear(document, 'freeze', () => 'frozen')
    hear(document, 'resume', () => 'resumed')
    return () => stop.abort()
  },
}
