// @vitest-environment happy-dom
// The announcer: what it says, in what order, and what it leaves unsaid.

import { VirtualClock } from '@tidings/core/testing'
import { Announcer, appAnnouncer, createAnnouncer } from '@tidings/ui/announcer'
import { expect, test } from 'vitest'
import { advance, openStage, told } from './stage.tsx'

function openAnnouncer() {
  const clock = new VirtualClock()
  const announcer = createAnnouncer({ clock })
  announcer.attach({})
  return { clock, announcer, texts: () => announcer.log().map(({ text }) => text) }
}

test('messages are said one after the other, in order, half a second apart', async () => {
  const { clock, announcer, texts } = openAnnouncer()
  announcer.announce('one')
  announcer.announce('two')
  await clock.advance(0)
  expect(texts()).toEqual(['one'])
  expect(announcer.spoken.get()).toEqual({ polite: 'one', assertive: '' })
  await clock.advance(499)
  expect(texts()).toEqual(['one'])
  await clock.advance(1)
  expect(texts()).toEqual(['one', 'two'])
})

test('what cannot wait goes before what can', async () => {
  const { clock, announcer, texts } = openAnnouncer()
  announcer.announce('saved')
  announcer.announce('read', { urgency: 'polite' })
  announcer.announce('payment refused', { urgency: 'assertive' })
  await clock.advance(2_000)
  expect(texts()).toEqual(['payment refused', 'saved', 'read'])
})

test('of messages about one thing that wait, only the newest is said', async () => {
  const { clock, announcer, texts } = openAnnouncer()
  announcer.announce('hello')
  await clock.advance(0)
  for (const count of [1, 2, 3]) announcer.announce(`${count} new`, { key: 'feed' })
  await clock.advance(2_000)
  expect(texts()).toEqual(['hello', '3 new'])
})

test('the same sentence twice in a moment is said once, and later again in a way that is noticed', async () => {
  const { clock, announcer, texts } = openAnnouncer()
  announcer.announce('saved')
  await clock.advance(600)
  announcer.announce('saved')
  await clock.advance(1_500)
  expect(texts()).toEqual(['saved'])
  announcer.announce('saved')
  await clock.advance(0)
  expect(texts()).toEqual(['saved', 'saved'])
  expect(announcer.spoken.get().polite).not.toBe('saved')
  expect(announcer.spoken.get().polite.trim()).toBe('saved')
})

test('what waits is bounded: of thirty at once the oldest ten go unsaid, never an urgent one', async () => {
  const { clock, announcer, texts } = openAnnouncer()
  announcer.announce('stop', { urgency: 'assertive' })
  for (let i = 1; i <= 30; i++) announcer.announce(`event ${i}`)
  await clock.advance(60_000)
  expect(texts()).toHaveLength(20)
  expect(texts()[0]).toBe('stop')
  expect(texts().at(-1)).toBe('event 30')
})

test('the regions are empty again after a while, and no timer is left', async () => {
  const { clock, announcer } = openAnnouncer()
  announcer.announce('saved')
  await clock.advance(8_000)
  expect(announcer.spoken.get()).toEqual({ polite: '', assertive: '' })
  expect(clock.pendingTimers).toBe(0)
})

test('before there is a region nothing is said, and nothing is lost', async () => {
  const clock = new VirtualClock()
  const announcer = createAnnouncer({ clock })
  announcer.announce('early')
  await clock.advance(5_000)
  expect(announcer.log()).toEqual([])
  announcer.attach({})
  await clock.advance(0)
  expect(announcer.log().map(({ text }) => text)).toEqual(['early'])
})

test('the page has a polite and an assertive region, empty until something is said', async () => {
  const page = openStage().show(null)
  const polite = page.querySelector('[role="status"]')
  const assertive = page.querySelector('[role="alert"]')
  expect([polite?.textContent, assertive?.textContent]).toEqual(['', ''])
  appAnnouncer.announce('3 new')
  appAnnouncer.announce('Not saved', { urgency: 'assertive' })
  await advance(0)
  expect([polite?.textContent, assertive?.textContent]).toEqual(['', 'Not saved'])
  await advance(500)
  expect([polite?.textContent, assertive?.textContent]).toEqual(['3 new', ''])
  expect(told()).toEqual(['Not saved', '3 new'])
})

test('what is true again takes the place of what is not any more, although it was said a moment ago', async () => {
  const { clock, announcer, texts } = openAnnouncer()
  announcer.announce('Connected', { key: 'connection' })
  await clock.advance(100)
  announcer.announce('Offline', { key: 'connection' })
  announcer.announce('Connected', { key: 'connection' })
  await clock.advance(10_000)
  expect(texts()).toEqual(['Connected'])
})

test('a sentence that waits already keeps its place, and what it makes untrue is not said', async () => {
  const { clock, announcer, texts } = openAnnouncer()
  announcer.announce('one')
  await clock.advance(0)
  announcer.announce('Saved')
  announcer.announce('Saving', { key: 'draft' })
  announcer.announce('two')
  announcer.announce('Saved', { key: 'draft' })
  announcer.announce('Not saved', { urgency: 'assertive', key: 'error' })
  announcer.announce('Not saved', { key: 'error' })
  await clock.advance(10_000)
  expect(texts()).toEqual(['one', 'Not saved', 'Saved', 'two'])
})

test('a sentence that waits and becomes urgent does not wait', async () => {
  const { clock, announcer } = openAnnouncer()
  announcer.announce('one')
  await clock.advance(0)
  announcer.announce('two')
  announcer.announce('Not saved')
  announcer.announce('Not saved', { urgency: 'assertive' })
  await clock.advance(500)
  expect(announcer.spoken.get()).toEqual({ polite: '', assertive: 'Not saved' })
  await clock.advance(10_000)
  expect(announcer.log().map(({ text }) => text)).toEqual(['one', 'Not saved', 'two'])
})

test('a region that comes later does not hold what was said before it', async () => {
  const clock = new VirtualClock()
  const announcer = createAnnouncer({ clock })
  const leave = announcer.attach({})
  announcer.announce('Saved')
  await clock.advance(0)
  leave()
  await clock.advance(60_000)
  expect(announcer.spoken.get()).toEqual({ polite: '', assertive: '' })
  expect(clock.pendingTimers).toBe(0)
})

test('of two announcers on a page one speaks, and the other takes over where it goes', async () => {
  const stage = openStage()
  const page = stage.show(<Announcer key="second" />)
  appAnnouncer.announce('one')
  await advance(0)
  const regions = () => [...page.querySelectorAll('[role="status"]')].map((each) => each.textContent)
  expect(regions().filter((text) => text === 'one')).toHaveLength(1)
  stage.show(null)
  appAnnouncer.announce('two')
  await advance(600)
  expect(regions()).toEqual(['two'])
})
