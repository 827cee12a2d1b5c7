// Rendering on a server: no page is touched, no timer is left, and the live regions are there, empty, in the HTML.

import { createSound } from '@tidings/ui/sound'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { EveryComponent } from './every-component.tsx'

test('a server renders every component without a page, and leaves no timer behind', () => {
  vi.useFakeTimers()
  const at = Date.UTC(2026, 0, 15)
  const html = renderToString(
    <StrictMode>
      <EveryComponent now={at} />
    </StrictMode>,
  )
  expect(typeof window).toBe('undefined')
  expect(html).toContain('<div role="status" aria-live="polite" aria-atomic="true"></div>')
  expect(html).toContain('Draft approved')
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('a sound can be made on a server: it is locked, and plays nothing', () => {
  const sound = createSound()
  expect([sound.get(), sound.play()]).toEqual(['locked', false])
})
