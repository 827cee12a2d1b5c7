// @vitest-environment happy-dom
// What a server rendered wakes up in the page without a complaint, and then says what is true there: the server has
// another moment and another time zone.

import { act } from '@testing-library/react'
import { ActivityFeed } from '@tidings/ui/activity-feed'
import { UiProvider } from '@tidings/ui/provider'
import { RelativeTime } from '@tidings/ui/relative-time'
import { type ReactNode, StrictMode } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EveryComponent } from './every-component.tsx'

const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
const zone = process.env.TZ

beforeEach(() => {
  environment.IS_REACT_ACT_ENVIRONMENT = true
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

/** Renders on a server at one moment in one zone, and wakes up at another. Returns the page and what went wrong. */
async function hydrated(
  node: ReactNode,
  server: { readonly zone: string; readonly at: number },
  page: { readonly zone: string; readonly at: number },
) {
  const dressed = (locale: string) => (
    <StrictMode>
      <UiProvider locale={locale}>{node}</UiProvider>
    </StrictMode>
  )
  // Formatters keep the zone in which they were made: each side has locales of its own, and all speak alike.
  process.env.TZ = server.zone
  vi.setSystemTime(server.at)
  const container = document.createElement('div')
  document.body.append(container)
  container.innerHTML = renderToString(dressed('en-GB-u-hc-h23'))
  process.env.TZ = page.zone
  vi.setSystemTime(page.at)
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const complaints: unknown[] = []
  const root = await act(async () =>
    hydrateRoot(container, dressed(page.zone === 'UTC' ? 'en-GB' : 'en-IE'), {
      onRecoverableError: (error) => complaints.push(error),
    }),
  )
  complaints.push(...errors.mock.calls)
  errors.mockRestore()
  const text = container.textContent
  await act(async () => root.unmount())
  container.remove()
  return { text, complaints }
}

const noon = Date.UTC(2026, 0, 15, 12)
const utc = { zone: 'UTC', at: noon }

test('every component wakes up without a complaint', async () => {
  const { complaints } = await hydrated(<EveryComponent now={noon} />, utc, { zone: 'UTC', at: noon + 7_000 })
  expect(complaints).toEqual([])
})

test('a page that wakes up minutes later says how long ago it is there', async () => {
  const { text, complaints } = await hydrated(<RelativeTime at={noon - 60_000} />, utc, {
    zone: 'UTC',
    at: noon + 4 * 60_000,
  })
  expect(complaints).toEqual([])
  expect(text).toMatch(/^5 min/)
})

test('in another time zone the days and hours are those of the page', async () => {
  const activities = [
    { id: 'late', at: Date.UTC(2026, 0, 14, 16, 30), content: 'late: ' },
    { id: 'early', at: Date.UTC(2026, 0, 14, 14, 30), content: 'early: ' },
  ]
  const { text, complaints } = await hydrated(
    <ActivityFeed activities={activities} label="Goal" />,
    utc,
    // Nine hours ahead: the later one was today.
    { zone: 'Asia/Tokyo', at: noon },
  )
  expect(complaints).toEqual([])
  expect(text).toContain('Today')
  expect(text).toContain('Yesterday')
  expect(text).toMatch(/early: 23:30/)
})
