// A page with the app's announcer, on virtual time: what a test renders, and how it lets time pass.

import { act, cleanup, render } from '@testing-library/react'
import { Announcer, appAnnouncer } from '@tidings/ui/announcer'
import { UiProvider } from '@tidings/ui/provider'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, vi } from 'vitest'

const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }

beforeEach(() => {
  environment.IS_REACT_ACT_ENVIRONMENT = true
  vi.useFakeTimers({
    now: Date.UTC(2026, 0, 15, 12),
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'],
  })
})
afterEach(() => {
  cleanup()
  appAnnouncer.clear()
  vi.useRealTimers()
})

/** Renders below a provider and beside the announcer; again, to render anew. */
export function openStage({ locale = 'en' } = {}) {
  const dress = (node: ReactNode) => (
    <UiProvider locale={locale}>
      <Announcer />
      {node}
    </UiProvider>
  )
  let shown: ReturnType<typeof render> | undefined
  return {
    show(node: ReactNode): HTMLElement {
      if (shown) shown.rerender(dress(node))
      else shown = render(dress(node))
      return shown.container
    },
  }
}

/** In steps, so that what React does after one timer may set the next. */
export async function advance(ms: number): Promise<void> {
  const steps = 10
  for (let i = 1; i <= steps; i++) {
    const stepMs = Math.floor((ms * i) / steps) - Math.floor((ms * (i - 1)) / steps)
    await act(() => vi.advanceTimersByTimeAsync(stepMs).then(() => undefined))
  }
}

/** What screen readers were told, oldest first. */
export const told = () => appAnnouncer.log().map(({ text }) => text)
