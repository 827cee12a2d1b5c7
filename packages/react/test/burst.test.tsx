// @vitest-environment happy-dom
// A thousand events in one task, with React scheduling by itself as in production: every handler hears each of them,
// and the page renders at most twice.

import { useChannel, useChannelState, useEvent } from '@tidings/react'
import { useState } from 'react'
import { expect, test } from 'vitest'
import { openPage, withoutAct } from './harness.tsx'
import { lobby } from './lobby.ts'

const texts = Array.from({ length: 1_000 }, (_, i) => String(i))

test.for([
  { isStrict: false, as: 'one frame' },
  { isStrict: true, as: 'one frame' },
  { isStrict: false, as: 'one message each' },
  { isStrict: true, as: 'one message each' },
] as const)(
  '1,000 events as $as (StrictMode: $isStrict) render at most twice and reach every handler',
  async ({ isStrict, as }) => {
    const page = openPage({ isStrict })
    const heard: string[][] = [[], []]
    let renders = 0
    function Texts() {
      renders++
      useChannel(lobby())
      return <p>{useChannelState(lobby())?.length}</p>
    }
    function Last() {
      return <i>{useChannelState(lobby(), (messages) => ({ text: messages.at(-1)?.text }))?.text}</i>
    }
    function Listener({ index }: { readonly index: number }) {
      useEvent(lobby(), 'said', ({ text }) => heard[index]?.push(text))
      return null
    }
    page.show([
      <Texts key="1" />,
      <Last key="2" />,
      <Listener key="3" index={0} />,
      <Listener key="4" index={1} />,
    ])
    await page.settle()

    withoutAct()
    const commits = page.commits()
    const before = renders
    page.server.say(lobby(), texts, as)
    page.server.deliver()
    await page.server.settle()

    expect(document.querySelector('p')?.textContent).toBe('1000')
    expect(document.querySelector('i')?.textContent).toBe('999')
    expect(heard).toEqual([texts, texts])
    expect(page.commits() - commits).toBeGreaterThan(0)
    expect(page.commits() - commits).toBeLessThanOrEqual(2)
    // StrictMode calls each component twice for one render.
    expect(renders - before).toBeLessThanOrEqual(isStrict ? 4 : 2)
  },
)

test('1,000 events that set a state in their handler render at most twice', async () => {
  const page = openPage()
  function Counter() {
    const [count, setCount] = useState(0)
    useEvent(lobby(), 'said', () => setCount((known) => known + 1))
    return <p>{count}</p>
  }
  page.show(<Counter />)
  await page.settle()
  withoutAct()
  const commits = page.commits()
  page.server.say(lobby(), texts, 'one message each')
  page.server.deliver()
  await page.server.settle()
  // An update that came from no click waits for the next turn.
  await page.server.settle()
  expect(document.querySelector('p')?.textContent).toBe('1000')
  expect(page.commits() - commits).toBeLessThanOrEqual(2)
})
