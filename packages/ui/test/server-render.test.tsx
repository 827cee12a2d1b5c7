// Rendering on a server: no page is touched, no timer is left, and the live regions are there, empty, in the HTML.

import { ActivityFeed } from '@tidings/ui/activity-feed'
import { Announcer } from '@tidings/ui/announcer'
import { ConnectionStatus } from '@tidings/ui/connection-status'
import { NotificationBell } from '@tidings/ui/notification-center'
import { OfflineBanner } from '@tidings/ui/offline-banner'
import { createSound } from '@tidings/ui/sound'
import { Toaster } from '@tidings/ui/toaster'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'

test('a server renders the components without a page, and leaves no timer behind', () => {
  vi.useFakeTimers()
  const at = Date.UTC(2026, 0, 15)
  const html = renderToString(
    <>
      <Announcer />
      <ConnectionStatus connection={{ status: 'disconnected', reason: 'idle' }} />
      <OfflineBanner connection={{ status: 'disconnected', reason: 'idle' }} />
      <NotificationBell notifications={undefined} />
      <ActivityFeed activities={[{ id: '1', at, content: 'started' }]} label="Goal" />
      <Toaster />
    </>,
  )
  expect(typeof window).toBe('undefined')
  expect(html).toContain('<div role="status" aria-live="polite" aria-atomic="true"></div>')
  expect(html).toContain('started')
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('a sound can be made on a server: it is locked, and plays nothing', () => {
  const sound = createSound()
  expect([sound.get(), sound.play()]).toEqual(['locked', false])
})
