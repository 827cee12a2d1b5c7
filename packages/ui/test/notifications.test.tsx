// @vitest-environment happy-dom
// The bell, the list behind it, preferences and sound.

import { act, fireEvent, screen, within } from '@testing-library/react'
import { type Notification, NotificationBell, NotificationCenter } from '@tidings/ui/notification-center'
import { NotificationPreferencesForm } from '@tidings/ui/notification-preferences'
import { channelsFor, defaultPreferences, isQuietAt, parsePreferences } from '@tidings/ui/preferences'
import { createSound } from '@tidings/ui/sound'
import { expect, test, vi } from 'vitest'
import { advance, openStage, told } from './stage.tsx'

const MINUTE_MS = 60_000
const categories = [
  { id: 'jobs', name: 'Job alerts' },
  { id: 'system', name: 'System' },
]

function notification(id: string, more: Partial<Notification> = {}): Notification {
  return { id, at: Date.now() - MINUTE_MS, title: `Title ${id}`, category: 'jobs', isRead: false, ...more }
}

const titles = () => [...document.querySelectorAll('.td-note-title')].map((each) => each.textContent)

test('the bell is named by its count, opens the list, and gets the focus back', () => {
  openStage().show(
    <NotificationBell notifications={[notification('1'), notification('2', { isRead: true })]} />,
  )
  const bell = screen.getByRole('button', { name: 'Notifications, 1 unread' })
  act(() => bell.focus())
  fireEvent.click(bell)
  const panel = screen.getByRole('dialog', { name: 'Notifications' })
  expect(titles()).toEqual(['Unread: Title 1', 'Title 2'])
  fireEvent.keyDown(panel, { key: 'Escape' })
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(document.activeElement).toBe(bell)
})

test('the focus goes with the preferences and comes back with the list, and Escape closes where it was lost', () => {
  openStage().show(<NotificationBell notifications={[notification('1')]} preferences={<p>Wishes</p>} />)
  const bell = screen.getByRole('button', { name: 'Notifications, 1 unread' })
  fireEvent.click(bell)
  fireEvent.click(screen.getByRole('button', { name: 'Preferences' }))
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Back to notifications' }))
  fireEvent.click(screen.getByRole('button', { name: 'Back to notifications' }))
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Preferences' }))
  act(() => (document.activeElement as HTMLElement).blur())
  fireEvent.keyDown(document.body, { key: 'Escape' })
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(document.activeElement).toBe(bell)
})

test('a press elsewhere closes the panel', () => {
  openStage().show(<NotificationBell notifications={[]} />)
  fireEvent.click(screen.getByRole('button', { name: 'Notifications' }))
  fireEvent.pointerDown(document.body)
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('opening one reads it; the button beside it changes that alone', () => {
  const onRead = vi.fn()
  const onOpen = vi.fn()
  openStage().show(<NotificationCenter notifications={[notification('1')]} onRead={onRead} onOpen={onOpen} />)
  fireEvent.click(screen.getByRole('button', { name: 'Mark as read: Title 1' }))
  expect(onRead).toHaveBeenLastCalledWith('1', true)
  expect(onOpen).not.toHaveBeenCalled()
  fireEvent.click(screen.getByRole('button', { name: /^Unread: Title 1/ }))
  expect(onOpen).toHaveBeenCalledOnce()
  expect(onRead).toHaveBeenCalledTimes(2)
})

test('filters show the unread, and one category; one that is read meanwhile stays under the finger', () => {
  const stage = openStage()
  const items = [
    notification('1'),
    notification('2', { isRead: true }),
    notification('3', { category: 'system' }),
  ]
  const show = (notifications: readonly Notification[]) =>
    stage.show(
      <NotificationCenter notifications={notifications} categories={categories} onRead={() => undefined} />,
    )
  show(items)
  fireEvent.click(screen.getByRole('button', { name: /^Unread/, pressed: false }))
  expect(titles()).toEqual(['Unread: Title 1', 'Unread: Title 3'])
  fireEvent.click(screen.getByRole('button', { name: 'Mark as read: Title 1' }))
  show(items.map((each) => (each.id === '1' ? { ...each, isRead: true } : each)))
  expect(titles()).toEqual(['Title 1', 'Unread: Title 3'])
  fireEvent.change(screen.getByRole('combobox', { name: 'Category' }), { target: { value: 'system' } })
  expect(titles()).toEqual(['Unread: Title 3'])
})

test('what comes while the focus is in the list waits above, is counted and said once', async () => {
  const stage = openStage()
  const items = [notification('1'), notification('2')]
  stage.show(<NotificationCenter notifications={items} />)
  act(() => screen.getByRole('button', { name: /Title 1/ }).focus())
  stage.show(<NotificationCenter notifications={[notification('3'), ...items]} />)
  stage.show(<NotificationCenter notifications={[notification('4'), notification('3'), ...items]} />)
  await advance(1_000)
  expect(titles()).toEqual(['Unread: Title 1', 'Unread: Title 2'])
  expect(told()).toEqual(['Notifications: 2 new'])
  fireEvent.click(screen.getByRole('button', { name: '2 new' }))
  expect(titles()).toHaveLength(4)
})

test('arrows go from one to the next', () => {
  openStage().show(<NotificationCenter notifications={[notification('1'), notification('2')]} />)
  const [first, second] = [
    screen.getByRole('button', { name: /Title 1/ }),
    screen.getByRole('button', { name: /Title 2/ }),
  ]
  act(() => first.focus())
  fireEvent.keyDown(first, { key: 'ArrowDown' })
  expect(document.activeElement).toBe(second)
  fireEvent.keyDown(second, { key: 'ArrowUp' })
  expect(document.activeElement).toBe(first)
})

test('of ten thousand, thirty are on the page, and thirty more on request', () => {
  const items = Array.from({ length: 10_000 }, (_, i) => notification(`${i}`))
  openStage().show(<NotificationCenter notifications={items} />)
  expect(titles()).toHaveLength(30)
  fireEvent.click(screen.getByRole('button', { name: 'Show more' }))
  expect(titles()).toHaveLength(60)
})

test('what is new leaves the rows of its day where they are', () => {
  const stage = openStage()
  const items = [notification('1'), notification('2')]
  const page = stage.show(<NotificationCenter notifications={items} />)
  const before = [...page.querySelectorAll('.td-note')]
  stage.show(<NotificationCenter notifications={[notification('3', { at: Date.now() }), ...items]} />)
  expect([...page.querySelectorAll('.td-note')].slice(1)).toEqual(before)
  expect(before.every((row) => row.isConnected)).toBe(true)
})

test('a category that is no more shows all of them again', () => {
  const stage = openStage()
  const items = [notification('1'), notification('2', { category: 'system' })]
  stage.show(<NotificationCenter notifications={items} categories={categories} />)
  fireEvent.change(screen.getByRole('combobox', { name: 'Category' }), { target: { value: 'system' } })
  expect(titles()).toEqual(['Unread: Title 2'])
  const left = [...categories.filter(({ id }) => id !== 'system'), { id: 'goals', name: 'Goals' }]
  stage.show(<NotificationCenter notifications={items} categories={left} />)
  expect((screen.getByRole('combobox') as HTMLSelectElement).value).toBe('')
  expect(titles()).toHaveLength(2)
})

test('loading, failure and nothing each say so', () => {
  const stage = openStage()
  const onRetry = vi.fn()
  stage.show(<NotificationCenter notifications={undefined} />)
  expect(screen.getByText('Loading notifications')).toBeTruthy()
  stage.show(
    <NotificationCenter notifications={undefined} problem="No answer within 10 s." onRetry={onRetry} />,
  )
  expect(screen.getByText('No answer within 10 s.')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(onRetry).toHaveBeenCalledOnce()
  stage.show(<NotificationCenter notifications={[]} />)
  expect(screen.getByText('Nothing yet')).toBeTruthy()
})

test('quiet hours go past midnight, begin on the minute and end on it', () => {
  const at = (time: string) => new Date(`2026-01-15T${time}:00`).getTime()
  const night = { isOn: true, from: '22:00', to: '07:00' }
  expect(['21:59', '22:00', '03:00', '06:59', '07:00'].map((time) => isQuietAt(night, at(time)))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
  expect(isQuietAt({ ...night, isOn: false }, at('03:00'))).toBe(false)
  expect(isQuietAt({ isOn: true, from: '09:00', to: '12:00' }, at('12:00'))).toBe(false)
})

test('quiet hours are those on the clock of the wall, on the days on which it is put forward and back', () => {
  const zone = process.env.TZ
  process.env.TZ = 'Europe/Berlin'
  try {
    const night = { isOn: true, from: '22:00', to: '07:00' }
    const quiet = (iso: string) => isQuietAt(night, Date.parse(iso))
    // On 29 March 2026 it is 02:00 and at once 03:00; on 25 October it is 02:30 twice.
    expect(quiet('2026-03-28T20:59:59Z')).toBe(false)
    expect(quiet('2026-03-28T21:00:00Z')).toBe(true)
    expect(quiet('2026-03-29T04:59:59Z')).toBe(true)
    expect(quiet('2026-03-29T05:00:00Z')).toBe(false)
    expect(quiet('2026-10-24T19:59:59Z')).toBe(false)
    expect(quiet('2026-10-24T20:00:00Z')).toBe(true)
    expect(quiet('2026-10-25T00:30:00Z')).toBe(true)
    expect(quiet('2026-10-25T01:30:00Z')).toBe(true)
    expect(quiet('2026-10-25T05:59:59Z')).toBe(true)
    expect(quiet('2026-10-25T06:00:00Z')).toBe(false)
  } finally {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  }
})

test('a category may have any name', () => {
  for (const category of ['constructor', 'toString', '__proto__'])
    expect(channelsFor(defaultPreferences, category, 0)).toEqual({ toast: true, badge: true, sound: false })
})

test('in quiet hours nothing rings and nothing pops up, and the bell still counts', () => {
  const at = new Date('2026-01-15T23:00:00').getTime()
  const preferences = {
    ...defaultPreferences,
    isSoundOn: true,
    quietHours: { isOn: true, from: '22:00', to: '07:00' },
  }
  expect(channelsFor(preferences, 'jobs', at)).toEqual({ toast: false, badge: true, sound: false })
  expect(channelsFor({ ...defaultPreferences, isSoundOn: true }, 'jobs', at)).toEqual({
    toast: true,
    badge: true,
    sound: true,
  })
  expect(channelsFor(defaultPreferences, 'jobs', at).sound).toBe(false)
})

test('stored preferences are read part by part: what is not as it should be is the default', () => {
  for (const stored of [undefined, null, 'x', 7, { categories: 3, quietHours: 'late' }]) {
    expect(parsePreferences(stored)).toEqual(defaultPreferences)
  }
  const stored = {
    categories: { jobs: { toast: false } },
    isSoundOn: true,
    quietHours: { isOn: true, from: '25:00', to: '06:30' },
  }
  expect(parsePreferences(JSON.parse(JSON.stringify(stored)))).toEqual({
    categories: { jobs: { toast: false, badge: true, sound: true } },
    isSoundOn: true,
    quietHours: { isOn: true, from: '22:00', to: '06:30' },
  })
})

test('a category is switched off by channel, and the rest stays', () => {
  const onChange = vi.fn()
  openStage().show(
    <NotificationPreferencesForm
      preferences={defaultPreferences}
      onChange={onChange}
      categories={categories}
      sound={createSound()}
    />,
  )
  fireEvent.click(screen.getByRole('checkbox', { name: 'System: Sound' }))
  expect(onChange).toHaveBeenCalledWith({
    ...defaultPreferences,
    categories: { system: { toast: true, badge: true, sound: false } },
  })
  fireEvent.click(screen.getByRole('switch', { name: /Quiet hours/ }))
  expect(onChange.mock.lastCall?.[0].quietHours.isOn).toBe(true)
})

/** As much of an audio context as the sound uses; a browser lets it run once it is `allowed`. */
class FakeContext extends EventTarget {
  isAllowed = false
  state = 'suspended'
  currentTime = 0
  readonly destination = {}
  readonly played: number[] = []

  async resume(): Promise<void> {
    if (!this.isAllowed) throw new Error('NotAllowedError')
    this.state = 'running'
    this.dispatchEvent(new Event('statechange'))
  }
  createOscillator() {
    const frequency = { value: 0 }
    const node = {
      frequency,
      connect: (next: unknown) => next,
      start: () => void this.played.push(frequency.value),
      stop: () => undefined,
    }
    return node
  }
  createGain() {
    const ramp = () => undefined
    const gain = { setValueAtTime: ramp, linearRampToValueAtTime: ramp, exponentialRampToValueAtTime: ramp }
    return { gain, connect: () => undefined }
  }
}

test('a sound is locked until a gesture that the browser accepts, plays then, and is silent when muted', async () => {
  const context = new FakeContext()
  const sound = createSound({ context: () => context as unknown as AudioContext })
  const page = new EventTarget()
  sound.unlockOnGesture(page)
  expect([sound.get(), sound.play()]).toEqual(['locked', false])
  page.dispatchEvent(new Event('keydown'))
  await advance(0)
  expect(sound.get()).toBe('locked')
  context.isAllowed = true
  page.dispatchEvent(new Event('pointerdown'))
  await advance(0)
  expect([sound.get(), sound.play()]).toEqual(['ready', true])
  expect(context.played).toHaveLength(2)
  sound.setMuted(true)
  expect([sound.get(), sound.play()]).toEqual(['muted', false])
  expect(context.played).toHaveLength(2)
  sound.setMuted(false)
  expect(sound.get()).toBe('ready')
})

test('where there is no Web Audio the sound says so, and offers nothing to press', async () => {
  const sound = createSound({ context: () => undefined })
  await sound.unlock()
  expect(sound.get()).toBe('unsupported')
  openStage().show(
    <NotificationPreferencesForm
      preferences={defaultPreferences}
      onChange={() => undefined}
      categories={[]}
      sound={sound}
    />,
  )
  const form = within(document.body)
  expect((form.getByRole('switch', { name: /Play a sound/ }) as HTMLButtonElement).disabled).toBe(true)
  expect(form.queryByRole('button', { name: 'Play it' })).toBeNull()
})
