// @vitest-environment happy-dom
// The connection as people see it: the dot at once, words and voice only when a drop lasts.

import { act, fireEvent, screen } from '@testing-library/react'
import { type Connection, ConnectionDot, ConnectionStatus } from '@tidings/ui/connection-status'
import { OfflineBanner } from '@tidings/ui/offline-banner'
import { expect, test, vi } from 'vitest'
import { advance, openStage, told } from './stage.tsx'

const connected: Connection = { status: 'connected', reason: 'ready', latencyMs: 23.6 }
const dropped: Connection = { status: 'reconnecting', reason: 'network', attempt: 2, retryAt: undefined }
const offline: Connection = { status: 'reconnecting', reason: 'offline', attempt: 0 }
const refused: Connection = { status: 'error', error: { message: 'The token was refused.' } }

const lookOf = (page: HTMLElement) => page.querySelector('[data-look]')?.getAttribute('data-look')
const banner = (page: HTMLElement) => page.querySelector('.td-banner')

test('the dot waits during a short drop, is down after five seconds, and live again at once', async () => {
  const stage = openStage()
  const page = stage.show(<ConnectionDot connection={connected} />)
  expect(lookOf(page)).toBe('live')
  stage.show(<ConnectionDot connection={dropped} />)
  expect(lookOf(page)).toBe('waiting')
  await advance(4_999)
  expect(lookOf(page)).toBe('waiting')
  await advance(1)
  expect(lookOf(page)).toBe('down')
  stage.show(<ConnectionDot connection={connected} />)
  expect(lookOf(page)).toBe('live')
})

test('a connection that nobody wanted yet is off, one that was closed is down', () => {
  const stage = openStage()
  const page = stage.show(<ConnectionDot connection={{ status: 'disconnected', reason: 'idle' }} />)
  expect(lookOf(page)).toBe('off')
  stage.show(<ConnectionDot connection={{ status: 'disconnected', reason: 'by-app' }} />)
  expect(lookOf(page)).toBe('down')
})

test('a drop under five seconds shows no banner and says nothing', async () => {
  const stage = openStage()
  const page = stage.show(<OfflineBanner connection={connected} />)
  stage.show(<OfflineBanner connection={dropped} />)
  await advance(4_900)
  stage.show(<OfflineBanner connection={connected} />)
  await advance(10_000)
  expect(banner(page)).toBeNull()
  expect(told()).toEqual([])
})

test('a drop that lasts is shown and said once, and so is the return', async () => {
  const stage = openStage()
  const page = stage.show(<OfflineBanner connection={connected} />)
  stage.show(<OfflineBanner connection={dropped} />)
  await advance(5_000)
  expect(banner(page)?.textContent).toContain('No answer from the server.')
  for (const attempt of [3, 4, 5]) {
    stage.show(<OfflineBanner connection={{ ...dropped, attempt }} queued={attempt} />)
    await advance(5_000)
  }
  expect(banner(page)?.textContent).toContain('Waiting to be sent: 5.')
  stage.show(<OfflineBanner connection={connected} />)
  expect(banner(page)?.getAttribute('data-variant')).toBe('success')
  await advance(4_000)
  expect(banner(page)).toBeNull()
  expect(told()).toEqual([
    'Reconnecting. No answer from the server. What you do waits here and is sent when it is back.',
    'Connected again. Everything is up to date.',
  ])
})

test('what waiting does not mend is said at once, with its reason', async () => {
  const stage = openStage()
  const page = stage.show(<OfflineBanner connection={refused} onRetry={() => undefined} />)
  await advance(0)
  expect(banner(page)?.getAttribute('data-variant')).toBe('error')
  expect(told()).toEqual(['Cannot connect. The token was refused.'])
  expect(screen.getByRole('button', { name: 'Try now' })).toBeTruthy()
})

test('a device without a network is not asked to try: there is nothing to press', async () => {
  const page = openStage().show(<OfflineBanner connection={offline} onRetry={() => undefined} />)
  await advance(5_000)
  expect(banner(page)?.textContent).toContain('This device is offline.')
  expect(screen.queryByRole('button')).toBeNull()
})

test('the wait until the next attempt is counted down, second by second', async () => {
  const retryAt = Date.now() + 12_000
  const page = openStage().show(<OfflineBanner connection={{ ...dropped, retryAt }} />)
  await advance(5_000)
  expect(banner(page)?.textContent).toContain('Trying again in 7 s.')
  await advance(1_000)
  expect(banner(page)?.textContent).toContain('Trying again in 6 s.')
  await advance(6_000)
  expect(banner(page)?.textContent).toContain('Trying again now.')
})

test('the panel shows what is known, takes the focus, and gives it back on Escape', async () => {
  const onRetry = vi.fn()
  openStage().show(<ConnectionStatus connection={dropped} queued={3} onRetry={onRetry} />)
  const button = screen.getByRole('button', { name: /Reconnecting/ })
  act(() => button.focus())
  fireEvent.click(button)
  const panel = screen.getByRole('dialog', { name: 'Connection' })
  expect(button.getAttribute('aria-expanded')).toBe('true')
  expect(document.activeElement).toBe(panel)
  expect(panel.textContent).toContain('Waiting to be sent3')
  expect(panel.textContent).toContain('Failed attempts2')
  fireEvent.click(screen.getByRole('button', { name: 'Try now' }))
  expect(onRetry).toHaveBeenCalledOnce()
  fireEvent.keyDown(panel, { key: 'Escape' })
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(document.activeElement).toBe(button)
})

test('a compact status is a dot with its word for those who cannot see it', () => {
  openStage().show(<ConnectionStatus connection={connected} isCompact />)
  expect(screen.getByRole('button', { name: 'Connection: Connected' })).toBeTruthy()
})

test('words are replaced in part, numbers follow the locale', () => {
  openStage({ locale: 'de' }).show(
    <ConnectionStatus connection={{ ...connected, latencyMs: 1_234 }} labels={{ connected: 'Verbunden' }} />,
  )
  expect(screen.getByRole('button').textContent).toBe('Verbunden1.234 ms')
})
