// The browser's own locks, broadcasts and visibility. Where a page may not use them, they are as good as missing.

import type { Attention, Browser, Locks } from './ports.ts'

export const platformBrowser: Browser = {
  get locks() {
    const { navigator } = globalThis as { readonly navigator?: { readonly locks?: Locks } }
    return navigator?.locks
  },
  get openBroadcast() {
    const { BroadcastChannel: Channel } = globalThis as { BroadcastChannel?: typeof BroadcastChannel }
    if (!Channel) return undefined
    return (name: string, hear: (message: unknown) => void) => {
      const channel = new Channel(name)
      channel.onmessage = ({ data }) => hear(data)
      return channel
    }
  },
  attention(): Attention {
    const { document } = globalThis as { document?: Document }
    if (document?.visibilityState !== 'visible') return 'hidden'
    return document.hasFocus() ? 'focused' : 'visible'
  },
}
