// @vitest-environment happy-dom
// usePresence: who is here, and this client coming, changing and going.

import { type PresenceView, shallowEqual, usePresence } from '@tidings/react'
import { Activity } from 'react'
import { expect, test, vi } from 'vitest'
import { openPage } from './harness.tsx'
import { type hello, lobby } from './lobby.ts'

type View = PresenceView<{ name: string; mood?: string | undefined }>

/** A component that is here with a name, or looks on. */
function guest() {
  const seen: View[] = []
  function Guest({ name, mood }: { readonly name?: string; readonly mood?: string }) {
    seen.push(usePresence(lobby(), name === undefined ? undefined : { name, mood }))
    return null
  }
  return { Guest, seen, now: () => seen.at(-1) as View }
}

const moves = (page: ReturnType<typeof openPage>) =>
  page.server.received.flatMap((frame) =>
    frame.type === 'enter' || frame.type === 'leave' ? [frame.type] : [],
  )

test('[PR1] a component with a state is here, with the others, and knows itself', async () => {
  const page = openPage()
  page.server.channel('hello/lobby').members.set('bob', { id: 'bob', state: { name: 'Bob' } })
  const { Guest, now } = guest()
  page.show(<Guest name="Ada" />)
  await page.settle()
  expect(now().total).toBe(2)
  expect(now().isComplete).toBe(true)
  expect(
    now()
      .members.map(({ state }) => state.name)
      .sort(),
  ).toEqual(['Ada', 'Bob'])
  expect(now().self?.state.name).toBe('Ada')
  expect(now().others.map(({ id }) => id)).toEqual(['bob'])
})

test('without a state it looks on and is not here', async () => {
  const page = openPage()
  page.server.channel('hello/lobby').members.set('bob', { id: 'bob', state: { name: 'Bob' } })
  const { Guest, now } = guest()
  page.show(<Guest />)
  await page.settle()
  expect(moves(page)).toEqual([])
  expect(now().total).toBe(1)
  expect(now().self).toBeUndefined()
})

test('[PR2] a changed state is one update; the same state written anew is nothing', async () => {
  const page = openPage()
  const { Guest, now } = guest()
  page.show(<Guest name="Ada" />)
  await page.settle()
  page.show(<Guest name="Ada" />)
  await page.advance(200)
  expect(moves(page)).toEqual(['enter'])
  page.show(<Guest name="Ada" mood="glad" />)
  await page.advance(200)
  expect(moves(page)).toEqual(['enter', 'enter'])
  expect(now().self?.state).toEqual({ name: 'Ada', mood: 'glad' })
})

test('StrictMode and a remount elsewhere are no leaving and coming back', async () => {
  const page = openPage({ isStrict: true })
  const { Guest } = guest()
  page.show(<Guest key="here" name="Ada" />)
  await page.advance(5_000)
  page.show(<Guest key="there" name="Ada" />)
  await page.advance(5_000)
  expect(moves(page)).toEqual(['enter'])
})

test('[PR3] unmounting and hiding leave; showing again comes back', async () => {
  const page = openPage()
  const { Guest } = guest()
  const view = (mode: 'visible' | 'hidden') => (
    <Activity mode={mode}>
      <Guest name="Ada" />
    </Activity>
  )
  page.show(view('visible'))
  await page.settle()
  page.show(view('hidden'))
  await page.advance(5_000)
  expect(moves(page)).toEqual(['enter', 'leave'])
  page.show(view('visible'))
  await page.settle()
  page.show(null)
  await page.advance(5_000)
  expect(moves(page)).toEqual(['enter', 'leave', 'enter', 'leave'])
})

test('self stays while the connection is away', async () => {
  const page = openPage()
  const { Guest, now, seen } = guest()
  page.show(<Guest name="Ada" />)
  await page.settle()
  const before = seen.length
  page.server.isUp = false
  page.click(() => page.server.cut())
  await page.advance(3_000)
  page.show(<Guest name="Ada" mood="patient" />)
  expect(now().self?.state.name).toBe('Ada')
  expect(now().others).toEqual([])
  expect(seen.slice(before).every(({ self }) => self?.state.name === 'Ada')).toBe(true)
})

test('a selector renders only when what it picks changes', async () => {
  const page = openPage()
  const seen: number[] = []
  function Total() {
    seen.push(usePresence(lobby(), undefined, ({ total }) => total))
    return null
  }
  page.show(<Total />)
  await page.settle()
  const bob = (mood: string) => ({ id: 'bob', state: { name: 'Bob', mood } })
  page.server.broadcast('hello/lobby', {
    type: 'presenceChange',
    channel: 'hello/lobby',
    total: 1,
    joined: [bob('glad')],
  })
  await page.settle()
  page.server.broadcast('hello/lobby', {
    type: 'presenceChange',
    channel: 'hello/lobby',
    total: 1,
    updated: [bob('sad')],
  })
  await page.settle()
  expect(seen).toEqual([0, 1])
})

test('a selector that makes a list renders only when its items change, with shallowEqual', async () => {
  const page = openPage()
  const seen: (readonly string[])[] = []
  function Names() {
    seen.push(usePresence(lobby(), undefined, ({ others }) => others.map(({ id }) => id), shallowEqual))
    return null
  }
  page.show(<Names />)
  await page.settle()
  const bob = (mood: string) => ({ id: 'bob', state: { name: 'Bob', mood } })
  for (const change of [{ joined: [bob('glad')] }, { updated: [bob('sad')] }]) {
    page.server.broadcast('hello/lobby', {
      type: 'presenceChange',
      channel: 'hello/lobby',
      total: 1,
      ...change,
    })
    await page.settle()
  }
  expect(seen).toEqual([[], ['bob']])
})

test('a skipped channel is empty and enters nothing', async () => {
  const page = openPage()
  let view: View | undefined
  function Skipped() {
    view = usePresence<typeof hello.definition>(null, { name: 'Ada' })
    return null
  }
  page.show(<Skipped />)
  await page.settle()
  expect(view).toMatchObject({ total: 0, members: [], others: [], isComplete: false })
  expect(page.server.connections).toHaveLength(0)
})

test('[PR5] a state that the schema refuses is reported, enters nobody and leaves the page alone', async () => {
  const page = openPage()
  const reported = vi.fn()
  vi.stubGlobal('reportError', reported)
  const { Guest, now } = guest()
  page.show(<Guest name="" />)
  await page.settle()
  expect(reported).toHaveBeenCalledWith(
    expect.objectContaining({ code: 'invalid-data', field: 'state.name' }),
  )
  expect(moves(page)).toEqual([])
  expect(now().isComplete).toBe(true)
  vi.unstubAllGlobals()
})
