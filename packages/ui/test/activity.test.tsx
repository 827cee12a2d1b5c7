// @vitest-environment happy-dom
// The feed, the notice of what was missed, who is here, and times in words.

import { act, fireEvent, screen, within } from '@testing-library/react'
import { type Activity, ActivityFeed } from '@tidings/ui/activity-feed'
import { ContinuityNotice } from '@tidings/ui/continuity-notice'
import { MovingList } from '@tidings/ui/moving-list'
import { PresenceAvatars } from '@tidings/ui/presence-avatars'
import { RelativeTime } from '@tidings/ui/relative-time'
import { expect, test, vi } from 'vitest'
import { advance, openStage, told } from './stage.tsx'

const MINUTE_MS = 60_000

const activity = (id: number): Activity => ({
  id: `${id}`,
  at: Date.now() - (100_000 - id) * MINUTE_MS,
  actor: 'Ada',
  content: `did ${id}`,
})
const newestFirst = (count: number) => Array.from({ length: count }, (_, i) => activity(count - i))
const shown = () => [...document.querySelectorAll('.td-activity-words')].map((each) => each.textContent)
const feed = (activities: readonly Activity[]) => <ActivityFeed activities={activities} label="Goal" />

test('what happens while nobody is in the feed is shown at once, and lights up', () => {
  const stage = openStage()
  stage.show(feed(newestFirst(2)))
  const page = stage.show(feed(newestFirst(3)))
  expect(shown()).toEqual(['Ada did 3', 'Ada did 2', 'Ada did 1'])
  expect(page.querySelectorAll('[data-new]')).toHaveLength(1)
})

test('what happens while somebody points at the feed waits, and is let in by a press', async () => {
  const stage = openStage()
  const page = stage.show(feed(newestFirst(2)))
  fireEvent.pointerEnter(page.querySelector('.td-feed') as Element, { pointerType: 'mouse' })
  stage.show(feed(newestFirst(5)))
  await advance(1_000)
  expect(shown()).toEqual(['Ada did 2', 'Ada did 1'])
  expect(told()).toEqual(['Goal: 3 new'])
  fireEvent.click(screen.getByRole('button', { name: '3 new' }))
  expect(shown()).toHaveLength(5)
  expect(document.activeElement).toBe(screen.getAllByRole('article')[0])
  expect(document.activeElement?.textContent).toContain('did 5')
})

test('what waits comes in by itself when the reader has gone', () => {
  const stage = openStage()
  const page = stage.show(feed(newestFirst(2)))
  const box = page.querySelector('.td-feed') as Element
  fireEvent.pointerEnter(box, { pointerType: 'mouse' })
  stage.show(feed(newestFirst(3)))
  expect(shown()).toHaveLength(2)
  fireEvent.pointerLeave(box)
  expect(shown()).toHaveLength(3)
})

test('articles say where they are, and Page Down goes to the next one', () => {
  openStage().show(feed(newestFirst(3)))
  const articles = within(screen.getByRole('feed', { name: 'Goal' })).getAllByRole('article')
  expect(
    articles.map((each) => [
      each.ariaPosInSet ?? each.getAttribute('aria-posinset'),
      each.getAttribute('aria-setsize'),
    ]),
  ).toEqual([
    ['1', '3'],
    ['2', '3'],
    ['3', '3'],
  ])
  act(() => articles[0]?.focus())
  fireEvent.keyDown(articles[0] as Element, { key: 'PageDown' })
  expect(document.activeElement).toBe(articles[1])
  fireEvent.keyDown(articles[1] as Element, { key: 'PageUp' })
  expect(document.activeElement).toBe(articles[0])
})

test('of ten thousand, thirty are on the page; older ones on request', () => {
  openStage().show(feed(newestFirst(10_000)))
  expect(shown()).toHaveLength(30)
  fireEvent.click(screen.getByRole('button', { name: 'Show more' }))
  expect(shown()).toHaveLength(60)
})

test('nothing yet says what will be there', () => {
  openStage().show(feed([]))
  expect(screen.getByText('No activity yet')).toBeTruthy()
})

test('what was missed is one line, said once; nothing missed is no line', async () => {
  const stage = openStage()
  const onShow = vi.fn()
  const page = stage.show(<ContinuityNotice missed={0} />)
  expect(page.querySelector('.td-continuity')).toBeNull()
  stage.show(<ContinuityNotice missed={7} summary={[{ label: 'messages', count: 7 }]} onShow={onShow} />)
  await advance(1_000)
  expect(screen.getByRole('region', { name: 'While you were away: 7' })).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Show' }))
  expect(onShow).toHaveBeenCalledOnce()
  expect(told()).toEqual(['While you were away: 7'])
})

test('history that is gone is admitted', () => {
  openStage().show(<ContinuityNotice missed={7} hasGap />)
  expect(screen.getByRole('region', { name: 'Some of what happened is no longer kept' })).toBeTruthy()
})

test('faces are few, the rest is a number, and all names are behind a press', () => {
  const people = Array.from({ length: 60 }, (_, i) => ({ id: `${i}`, name: `Person ${i}` }))
  openStage().show(<PresenceAvatars people={people} total={2_481} you="0" />)
  const button = screen.getByRole('button', { name: 'Here now: 2,481' })
  expect(button.querySelectorAll('.td-avatar')).toHaveLength(4)
  expect(button.textContent).toContain('+2,477')
  fireEvent.click(button)
  const items = within(screen.getByRole('list', { name: 'Here now: 2,481' })).getAllByRole('listitem')
  expect(items).toHaveLength(51)
  expect(items[0]?.textContent).toContain('you')
  expect(items.at(-1)?.textContent).toBe('and 2,431 more')
})

test('a fifth face is shown rather than hidden behind a number', () => {
  const people = Array.from({ length: 5 }, (_, i) => ({ id: `${i}`, name: `Person ${i}` }))
  openStage().show(<PresenceAvatars people={people} />)
  const button = screen.getByRole('button')
  expect(button.querySelectorAll('.td-avatar')).toHaveLength(5)
  expect(button.textContent).not.toContain('+')
})

test('an avatar shows what a reader would call the first letter', () => {
  const page = openStage().show(
    <PresenceAvatars
      people={[
        { id: '1', name: 'éric' },
        { id: '2', name: '👩‍🚀 Nora' },
        { id: '3', name: 'נועה' },
      ]}
    />,
  )
  expect([...page.querySelectorAll('.td-avatar')].map((each) => each.textContent)).toEqual(['É', '👩‍🚀', 'נ'])
})

test('a time in words grows older by itself, in the language of the page', async () => {
  const at = Date.now()
  const page = openStage({ locale: 'de' }).show(<RelativeTime at={at} />)
  const words = () => page.querySelector('time')?.textContent
  expect(words()).toBe('jetzt')
  await advance(3 * MINUTE_MS)
  expect(words()).toBe('vor 3 m')
  expect(page.querySelector('time')?.getAttribute('datetime')).toBe(new Date(at).toISOString())
})

test('a list that moves keeps its rows: the same elements in the new order', () => {
  const stage = openStage()
  const show = (names: readonly string[]) =>
    stage.show(
      <MovingList items={names} idOf={(name) => name} label="Ranks">
        {(name, index) => `${index + 1} ${name}`}
      </MovingList>,
    )
  show(['Ada', 'Ben', 'Cleo'])
  const ben = screen.getAllByRole('listitem')[1]
  show(['Ben', 'Cleo', 'Ada'])
  const rows = within(screen.getByRole('list', { name: 'Ranks' })).getAllByRole('listitem')
  expect(rows.map(({ textContent }) => textContent)).toEqual(['1 Ben', '2 Cleo', '3 Ada'])
  expect(rows[0]).toBe(ben)
})

test('what is new leaves the rows of its day where they are', () => {
  const stage = openStage()
  const page = stage.show(feed(newestFirst(2)))
  const before = [...page.querySelectorAll('article')]
  stage.show(feed(newestFirst(3)))
  expect([...page.querySelectorAll('article')].slice(1)).toEqual(before)
  expect(before.every((row) => row.isConnected)).toBe(true)
})

test('what is out of order around midnight is shown under days of its own', () => {
  const at = (time: string) => new Date(`2026-01-${time}`).getTime()
  const times = ['15T00:01:00', '14T23:59:00', '15T00:00:00', '14T23:58:00'].map(at)
  const errors = vi.spyOn(console, 'error')
  const page = openStage().show(feed(times.map((at, i) => ({ id: `${i}`, at, content: `at ${i}` }))))
  expect(page.querySelectorAll('.td-feed-day')).toHaveLength(4)
  expect(errors).not.toHaveBeenCalled()
  errors.mockRestore()
})

test('two feeds that show the same thing name their articles apart, whatever the id is', () => {
  const shared = [{ id: 'goal 42', at: Date.now(), content: 'Halfway' }]
  openStage().show(
    <>
      <ActivityFeed activities={shared} label="Mine" />
      <ActivityFeed activities={shared} label="Everybody’s" />
    </>,
  )
  const names = screen.getAllByRole('article').map((each) => each.getAttribute('aria-labelledby') ?? '')
  expect(new Set(names).size).toBe(2)
  for (const name of names) expect(document.getElementById(name)?.textContent).toBe('Halfway')
})

test('a button that had the focus and is gone no longer counts as reading', () => {
  const stage = openStage()
  const page = stage.show(feed(newestFirst(31)))
  const more = screen.getByRole('button', { name: 'Show more' })
  act(() => more.focus())
  fireEvent.click(more)
  expect(more.isConnected).toBe(false)
  stage.show(feed(newestFirst(32)))
  expect(page.querySelectorAll('article')).toHaveLength(32)
})

test('a moment that is none is shown as unknown, and brings no page down', () => {
  const page = openStage().show(
    <>
      {[Number.NaN, 1e300, Number.POSITIVE_INFINITY].map((at) => (
        <RelativeTime key={at} at={at} />
      ))}
      {feed([{ id: 'x', at: 1e300, content: 'came from a broken clock' }])}
    </>,
  )
  expect([...page.querySelectorAll('time')].map((each) => each.textContent)).toEqual(['–', '–', '–', '–'])
  expect(shown()).toEqual(['came from a broken clock'])
})
