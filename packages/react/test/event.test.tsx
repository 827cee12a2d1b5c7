// @vitest-environment happy-dom
// useEvent: every event, once, to the handler of the latest render, without rendering.

import { useEvent } from '@tidings/react'
import { useState } from 'react'
import { expect, test } from 'vitest'
import { openPage } from './harness.tsx'
import { lobby } from './lobby.ts'

test('the handler hears each event once and in order, also in StrictMode, and nothing renders', async () => {
  const page = openPage({ isStrict: true })
  const heard: string[] = []
  let renders = 0
  function Listener() {
    renders++
    useEvent(lobby(), 'said', ({ text }, { offset, origin }) => heard.push(`${offset} ${text} ${origin}`))
    return null
  }
  page.show(<Listener />)
  await page.settle()
  const before = renders
  page.server.say(lobby(), ['one', 'two'])
  page.server.say(lobby(), ['three'])
  await page.settle()
  expect(heard).toEqual(['1 one live', '2 two live', '3 three live'])
  expect(renders).toBe(before)
})

test('the handler is the one of the latest render, without subscribing anew', async () => {
  const page = openPage()
  const heard: string[] = []
  function Listener({ prefix }: { readonly prefix: string }) {
    useEvent(lobby(), 'said', ({ text }) => heard.push(prefix + text))
    return null
  }
  page.show(<Listener prefix="a" />)
  await page.settle()
  page.show(<Listener prefix="b" />)
  page.server.say(lobby(), ['1'])
  await page.settle()
  expect(heard).toEqual(['b1'])
  expect(page.server.subscribes).toHaveLength(1)
})

test('the handler reads the state that an earlier event of the burst set', async () => {
  const page = openPage()
  function Counter() {
    const [count, setCount] = useState(0)
    useEvent(lobby(), 'said', () => setCount((known) => known + 1))
    return <p>{count}</p>
  }
  page.show(<Counter />)
  await page.settle()
  page.server.say(lobby(), ['1', '2', '3'])
  await page.settle()
  expect(document.querySelector('p')?.textContent).toBe('3')
})

test("'*' hears every event of the contract", async () => {
  const page = openPage()
  const heard: string[] = []
  function Listener() {
    useEvent(lobby(), '*', (event) => heard.push(event.name === 'said' ? event.data.text : event.name))
    return null
  }
  page.show(<Listener />)
  await page.settle()
  page.server.push('hello/lobby', [
    page.server.append('hello/lobby', { event: 'waved', data: {} }),
    page.server.append('hello/lobby', { event: 'said', data: { text: 'one' } }),
  ])
  await page.settle()
  expect(heard).toEqual(['waved', 'one'])
})

test('nothing is heard after unmounting, nor while skipped', async () => {
  const page = openPage()
  const heard: string[] = []
  function Listener({ isOn }: { readonly isOn: boolean }) {
    useEvent(isOn ? lobby() : null, 'said', ({ text }) => heard.push(text))
    return null
  }
  page.show(<Listener isOn={true} />)
  await page.settle()
  page.show(<Listener isOn={false} />)
  page.server.say(lobby(), ['skipped'])
  await page.settle()
  page.show(null)
  page.server.say(lobby(), ['unmounted'])
  await page.settle()
  expect(heard).toEqual([])
})

test('[SB3] what was missed while the connection was away is replay, each once', async () => {
  const page = openPage()
  const heard: string[] = []
  function Listener() {
    useEvent(lobby(), 'said', ({ text }, { origin }) => heard.push(`${text} ${origin}`))
    return null
  }
  page.show(<Listener />)
  await page.settle()
  page.server.say(lobby(), ['one'])
  await page.settle()
  page.click(() => page.server.cut())
  page.server.say(lobby(), ['two'])
  await page.advance(60_000)
  page.server.say(lobby(), ['three'])
  await page.settle()
  expect(heard).toEqual(['one live', 'two replay', 'three live'])
})
