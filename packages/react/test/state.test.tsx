// @vitest-environment happy-dom
// useChannelState: the fold's state in a component, selected from and compared.

import { shallowEqual, useChannelState } from '@tidings/react'
import { expect, test, vi } from 'vitest'
import { openPage } from './harness.tsx'
import { hello, lobby, type Message } from './lobby.ts'

test('the state is undefined until it is known, then the snapshot and what follows it', async () => {
  const page = openPage()
  page.server.say(lobby(), ['one'])
  const seen: (readonly string[] | undefined)[] = []
  function Texts() {
    seen.push(useChannelState(lobby())?.map(({ text }) => text))
    return null
  }
  page.show(<Texts />)
  await page.settle()
  page.server.say(lobby(), ['two'])
  await page.settle()
  expect(seen).toEqual([undefined, ['one'], ['one', 'two']])
})

test('a selector renders only when what it picks changes', async () => {
  const page = openPage()
  const seen: (boolean | undefined)[] = []
  function IsFull() {
    seen.push(useChannelState(lobby(), (messages) => messages.length >= 3))
    return null
  }
  page.show(<IsFull />)
  await page.settle()
  for (const text of ['1', '2', '3', '4', '5']) {
    page.server.say(lobby(), [text])
    await page.settle()
  }
  expect(seen).toEqual([undefined, false, true])
})

test('a selector that makes a new object each time does not loop, and renders once per change', async () => {
  const page = openPage({ isStrict: true })
  let renders = 0
  function Counted() {
    renders++
    const picked = useChannelState(lobby(), (messages) => ({ texts: messages.map(({ text }) => text) }))
    return <p>{picked?.texts.join(' ')}</p>
  }
  page.show(<Counted />)
  await page.settle()
  const before = page.commits()
  page.server.say(lobby(), ['one'])
  await page.settle()
  expect(document.querySelector('p')?.textContent).toBe('one')
  expect(page.commits() - before).toBe(1)
  expect(renders).toBeLessThan(10)
})

test('with shallowEqual a new object of the same values does not render', async () => {
  const page = openPage()
  const seen: unknown[] = []
  function Totals() {
    seen.push(useChannelState(lobby(), (messages) => ({ hasAny: messages.length > 0 }), shallowEqual))
    return null
  }
  page.show(<Totals />)
  await page.settle()
  page.server.say(lobby(), ['one'])
  await page.settle()
  page.server.say(lobby(), ['two'])
  await page.settle()
  expect(seen).toEqual([undefined, { hasAny: false }, { hasAny: true }])
})

test('an equality is never asked about a state that is not known', async () => {
  const page = openPage()
  const isEqual = vi.fn((a: readonly unknown[], b: readonly unknown[]) => a.length === b.length)
  function Texts() {
    return (
      <p>{useChannelState(lobby(), (messages) => messages.map(({ text }) => text), isEqual)?.join(' ')}</p>
    )
  }
  page.show(<Texts />)
  await page.settle()
  page.server.say(lobby(), ['one'])
  await page.settle()
  expect(document.querySelector('p')?.textContent).toBe('one')
  expect(isEqual.mock.calls.every((pair) => pair.every(Array.isArray))).toBe(true)
})

test('a selection that is equal keeps its identity over renders with a new selector', async () => {
  const page = openPage()
  const seen: unknown[] = []
  function Picked({ tick }: { readonly tick: number }) {
    seen.push(
      useChannelState(lobby(), (messages) => ({ total: messages.length, isEven: tick >= 0 }), shallowEqual),
    )
    return null
  }
  page.show(<Picked tick={0} />)
  await page.settle()
  const before = seen.at(-1)
  page.show(<Picked tick={1} />)
  expect(seen.at(-1)).toBe(before)
})

test('a selector sees the props of its own render', async () => {
  const page = openPage()
  function Nth({ index }: { readonly index: number }) {
    return <p>{useChannelState(lobby(), (messages: readonly Message[]) => messages[index]?.text)}</p>
  }
  page.server.say(lobby(), ['one', 'two'])
  page.show(<Nth index={0} />)
  await page.settle()
  expect(document.querySelector('p')?.textContent).toBe('one')
  page.show(<Nth index={1} />)
  expect(document.querySelector('p')?.textContent).toBe('two')
})

test('another channel shows nothing of the one before', async () => {
  const page = openPage()
  function Texts({ room }: { readonly room: string }) {
    return <p>{useChannelState(hello({ room }))?.length ?? 'unknown'}</p>
  }
  page.server.say(lobby(), ['one'])
  page.show(<Texts room="lobby" />)
  await page.settle()
  expect(document.querySelector('p')?.textContent).toBe('1')
  page.show(<Texts room="cellar" />)
  expect(document.querySelector('p')?.textContent).toBe('unknown')
  await page.settle()
  expect(document.querySelector('p')?.textContent).toBe('0')
})

test('shallowEqual compares one level of lists and objects', () => {
  expect(shallowEqual([1, 'a'], [1, 'a'])).toBe(true)
  expect(shallowEqual({ a: 1 }, { a: 1 })).toBe(true)
  expect(shallowEqual(Number.NaN, Number.NaN)).toBe(true)
  expect(shallowEqual({ a: 1 }, { b: 1 })).toBe(false)
  expect(shallowEqual({ a: undefined }, { b: undefined })).toBe(false)
  expect(shallowEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false)
  expect(shallowEqual({ a: {} }, { a: {} })).toBe(false)
  expect(shallowEqual([], {})).toBe(false)
  expect(shallowEqual(null, {})).toBe(false)
})
