// @vitest-environment happy-dom
// Toasts: how long they stay, what they say, and to whom.

import { act, fireEvent, screen } from '@testing-library/react'
import { appAnnouncer } from '@tidings/ui/announcer'
import { dismissToast, Toaster, type ToastOptions, toast } from '@tidings/ui/toaster'
import { afterEach, expect, test, vi } from 'vitest'
import { advance, openStage, told } from './stage.tsx'

afterEach(() => act(() => dismissToast()))

async function open(title: string, options?: ToastOptions) {
  await act(async () => void toast(title, options))
  await advance(50)
}

const shown = (title: string) => screen.queryByText(title, { selector: '.td-toast-title' })

test('a toast stays for five seconds, longer when there is more to read', async () => {
  openStage().show(<Toaster />)
  await open('Saved')
  await advance(4_900)
  expect(shown('Saved')).not.toBeNull()
  await advance(1_000)
  expect(shown('Saved')).toBeNull()
  await open('Twenty words', { description: 'a b c d e f g h i j k l m n o p q r' })
  await advance(6_000)
  expect(shown('Twenty words')).not.toBeNull()
  await advance(3_000)
  expect(shown('Twenty words')).toBeNull()
})

test('errors, and what has an action, stay until somebody closes them', async () => {
  openStage().show(<Toaster />)
  await open('Not saved', { variant: 'error' })
  await advance(600_000)
  expect(shown('Not saved')).not.toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Close' }))
  await advance(1_000)
  expect(shown('Not saved')).toBeNull()
})

test('an action is done once, and closes its toast', async () => {
  openStage().show(<Toaster />)
  const onPress = vi.fn()
  await open('Offer from Nordlys Energi', { action: { label: 'View', onPress } })
  fireEvent.click(screen.getByRole('button', { name: 'View' }))
  await advance(1_000)
  expect(onPress).toHaveBeenCalledOnce()
  expect(shown('Offer from Nordlys Energi')).toBeNull()
})

test('the same id is the same toast', async () => {
  openStage().show(<Toaster />)
  await open('Reconnecting', { id: 'network' })
  await open('Reconnected', { id: 'network' })
  expect(shown('Reconnecting')).toBeNull()
  expect(shown('Reconnected')).not.toBeNull()
})

test('while the focus is in a toast it does not go', async () => {
  openStage().show(<Toaster />)
  await open('Saved')
  await act(async () => screen.getByRole('button', { name: 'Close' }).focus())
  await advance(60_000)
  expect(shown('Saved')).not.toBeNull()
  await act(async () => screen.getByRole('button', { name: 'Close' }).blur())
  await advance(6_000)
  expect(shown('Saved')).toBeNull()
})

test('the announcer speaks for the toasts, urgently of errors; their own region is silent', async () => {
  const page = openStage().show(<Toaster />)
  expect(page.querySelector('section')?.getAttribute('aria-live')).toBe('off')
  await open('New match', {
    description: 'Grid analyst, 92 %',
    action: { label: 'View', onPress: () => undefined },
  })
  await open('Not sent', { variant: 'error' })
  await open('Already shown elsewhere', { isSilent: true })
  await advance(2_000)
  expect(told()).toEqual(['New match. Grid analyst, 92 %. View', 'Not sent'])
  expect(appAnnouncer.log().map(({ urgency }) => urgency)).toEqual(['polite', 'assertive'])
})

test('of a thousand at once a bounded number waits; the newest are kept, and what must be closed by hand', async () => {
  const page = openStage().show(<Toaster />)
  await open('Not saved', { variant: 'error' })
  await act(async () => {
    for (let i = 1; i <= 1_000; i++) toast(`Event ${i}`, { isSilent: true })
  })
  await advance(1_000)
  expect(page.querySelectorAll('.td-toast').length).toBeLessThanOrEqual(20)
  expect(shown('Event 1000')).not.toBeNull()
  expect(shown('Event 1')).toBeNull()
  expect(shown('Not saved')).not.toBeNull()
})
