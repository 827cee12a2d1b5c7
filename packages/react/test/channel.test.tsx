// @vitest-environment happy-dom
// useChannel, and how long a component holds its channel: StrictMode, remounts, hidden trees, inline references.

import { screen } from '@testing-library/react'
import type { Reset } from '@tidings/client'
import { type ChannelAccess, useChannel, useChannelState, useEvent } from '@tidings/react'
import { Activity } from 'react'
import { describe, expect, test } from 'vitest'
import { openPage } from './harness.tsx'
import { hello, lobby, news } from './lobby.ts'

function Room({ room = 'lobby' as string | null }) {
  const { continuity } = useChannel(room === null ? null : hello({ room }))
  return <output>{continuity.status}</output>
}

function Texts() {
  return (
    <p>
      {useChannelState(lobby())
        ?.map(({ text }) => text)
        .join(' ')}
    </p>
  )
}

const shown = () => screen.getByRole('status').textContent
const LINGER_MS = 1_000

describe('a component holds its channel', () => {
  test('[SB1] while it is mounted, and lets go after the linger', async () => {
    const page = openPage()
    page.show(<Room />)
    await page.settle()
    expect(shown()).toBe('live')
    expect(page.server.subscribes).toEqual(['hello/lobby'])
    page.show(null)
    await page.settle()
    expect(page.server.frames('unsubscribe')).toHaveLength(0)
    await page.advance(LINGER_MS)
    expect(page.server.frames('unsubscribe')).toHaveLength(1)
  })

  test('once in StrictMode, without flapping', async () => {
    const page = openPage({ isStrict: true })
    page.show(<Room />)
    await page.advance(2 * LINGER_MS)
    expect(page.server.subscribes).toEqual(['hello/lobby'])
    expect(page.server.frames('unsubscribe')).toHaveLength(0)
  })

  test('over a change of route that shows it elsewhere', async () => {
    const page = openPage()
    page.show(<Room key="here" />)
    await page.settle()
    page.show(<Room key="there" />)
    await page.advance(2 * LINGER_MS)
    expect(page.server.subscribes).toEqual(['hello/lobby'])
    expect(page.server.frames('unsubscribe')).toHaveLength(0)
  })

  test('together with every other component that names it', async () => {
    const page = openPage()
    page.show([<Room key="1" />, <Texts key="2" />, <Room key="3" />])
    await page.advance(2 * LINGER_MS)
    expect(page.server.subscribes).toEqual(['hello/lobby'])
  })

  test('whose reference is written inline, without subscribing anew', async () => {
    const page = openPage()
    for (let i = 0; i < 5; i++) page.show(<Room />)
    await page.settle()
    for (let i = 0; i < 5; i++) page.show(<Room />)
    await page.advance(2 * LINGER_MS)
    expect(page.server.subscribes).toEqual(['hello/lobby'])
  })

  test('and another one when the name changes', async () => {
    const page = openPage()
    page.show(<Room room="lobby" />)
    await page.settle()
    page.show(<Room room="cellar" />)
    await page.advance(2 * LINGER_MS)
    expect(page.server.subscribes).toEqual(['hello/lobby', 'hello/cellar'])
    expect(page.server.frames('unsubscribe').map(({ channel }) => channel)).toEqual(['hello/lobby'])
    expect(shown()).toBe('live')
  })
})

describe('a skipped channel', () => {
  test('is idle and subscribes to nothing until it is given', async () => {
    const page = openPage()
    page.show(<Room room={null} />)
    await page.settle()
    expect(shown()).toBe('idle')
    expect(page.server.connections).toHaveLength(0)
    page.show(<Room room="lobby" />)
    await page.settle()
    expect(shown()).toBe('live')
  })

  test('throws a sentence when something is published to it', () => {
    const page = openPage()
    let channel: ChannelAccess<typeof hello.definition> | undefined
    function Skipped() {
      channel = useChannel<typeof hello.definition>(null)
      return null
    }
    page.show(<Skipped />)
    expect(() => channel?.publish('said', { text: 'x' })).toThrow(
      'publish needs a channel; this hook was given null',
    )
    expect(channel?.position()).toBeUndefined()
  })
})

describe('a hidden <Activity>', () => {
  const view = (mode: 'visible' | 'hidden') => (
    <Activity mode={mode}>
      <Texts />
    </Activity>
  )
  const text = () => document.querySelector('p')?.textContent

  test('that comes back within the linger never left', async () => {
    const page = openPage()
    page.show(view('visible'))
    await page.settle()
    page.show(view('hidden'))
    await page.advance(LINGER_MS / 2)
    page.server.say(lobby(), ['one'])
    page.show(view('visible'))
    await page.settle()
    expect(text()).toBe('one')
    expect(page.server.subscribes).toHaveLength(1)
    expect(page.server.frames('unsubscribe')).toHaveLength(0)
  })

  test('[SB3] that comes back later shows what it showed, and goes on from its position', async () => {
    const page = openPage()
    page.show(view('visible'))
    await page.settle()
    page.server.say(lobby(), ['one'])
    await page.settle()
    page.show(view('hidden'))
    await page.advance(10 * LINGER_MS)
    expect(page.server.frames('unsubscribe')).toHaveLength(1)
    page.server.say(lobby(), ['two', 'three'])
    await page.settle()
    page.show(view('visible'))
    expect(text()).toBe('one')
    await page.settle()
    expect(text()).toBe('one two three')
    expect(page.server.frames('subscribe').map(({ after }) => after)).toEqual(['e1:1:t1'])
  })
})

test('renders for continuity, not for events, and position is read without rendering', async () => {
  const page = openPage()
  const seen: ChannelAccess<typeof hello.definition>[] = []
  function Held() {
    seen.push(useChannel(lobby()))
    return null
  }
  page.show(<Held />)
  await page.settle()
  const renders = seen.length
  page.server.say(lobby(), ['one', 'two'])
  await page.settle()
  expect(seen).toHaveLength(renders)
  expect(seen.at(-1)?.position()?.offset).toBe(2)
  expect(seen.at(-1)?.publish).toBe(seen[0]?.publish)
})

test('options are there before a child subscribes', async () => {
  const page = openPage()
  const sport = () => news({ topic: 'sport' })
  page.server.say(sport(), ['one', 'two'])
  const heard: string[] = []
  function Child() {
    useEvent(sport(), 'said', ({ text }) => heard.push(text))
    return null
  }
  function Parent() {
    useChannel(sport(), { after: { epoch: 'e1', offset: 1, tag: 't1' } })
    return <Child />
  }
  page.show(<Parent />)
  await page.settle()
  expect(heard).toEqual(['two'])
})

test('load is the one of the latest render', async () => {
  const page = openPage()
  function Loaded({ text }: { readonly text: string }) {
    useChannel(lobby(), { load: async () => ({ state: [{ id: '1', text, isPending: false }] }) })
    return <Texts />
  }
  page.show(<Loaded text="old" />)
  page.show(<Loaded text="new" />)
  await page.settle()
  expect(document.querySelector('p')?.textContent).toBe('new')
})

test('[SB8] a reset calls the handler of the latest render, with the reason', async () => {
  const page = openPage()
  const heard: string[] = []
  function Watched({ name }: { readonly name: string }) {
    useChannel(lobby(), { onReset: ({ reason }: Reset) => heard.push(`${name}: ${reason}`) })
    return null
  }
  page.show(<Watched name="first" />)
  await page.settle()
  page.show(<Watched name="second" />)
  page.server.broadcast('hello/lobby', {
    type: 'reset',
    channel: 'hello/lobby',
    reason: 'trimmed',
    position: 'e1:7:t7',
  })
  await page.settle()
  expect(heard).toEqual(['second: trimmed'])
})

test('[AU3] a refused channel is denied, with the error', async () => {
  const page = openPage()
  page.server.denied.add('hello/lobby')
  page.show(<Room />)
  await page.settle()
  expect(shown()).toBe('denied')
})
