// @vitest-environment happy-dom
// useSignal and useCall: what goes out without being stored, and what comes back.

import { useCall, useSignal } from '@tidings/react'
import { expect, test } from 'vitest'
import { openPage } from './harness.tsx'
import { hello, lobby } from './lobby.ts'

type SendTyping = (data: { isTyping: boolean }) => void

test('[SG1] sends with one stable function and hears the others with the handler of the latest render', async () => {
  const page = openPage({ isStrict: true })
  const heard: string[] = []
  const sends = new Set<SendTyping>()
  function Typing({ prefix }: { readonly prefix: string }) {
    sends.add(
      useSignal(lobby(), 'typing', ({ isTyping }, from) => heard.push(`${prefix} ${from} ${isTyping}`)),
    )
    return null
  }
  page.show(<Typing prefix="a" />)
  await page.settle()
  page.show(<Typing prefix="b" />)
  const [send] = sends
  send?.({ isTyping: true })
  page.server.broadcast('hello/lobby', {
    type: 'signal',
    channel: 'hello/lobby',
    name: 'typing',
    from: 'bob',
    data: { isTyping: true },
  })
  await page.advance(100)
  expect(heard).toEqual(['b bob true'])
  expect(page.server.frames('signal').map(({ data }) => data)).toEqual([{ isTyping: true }])
  expect(sends.size).toBeLessThanOrEqual(2)
})

test('without a handler a signal hook subscribes to nothing, and with a skipped channel it says so', async () => {
  const page = openPage()
  let send: SendTyping | undefined
  function Typing({ isOn }: { readonly isOn: boolean }) {
    send = useSignal(isOn ? lobby() : null, 'typing')
    return null
  }
  page.show(<Typing isOn={true} />)
  await page.settle()
  expect(page.server.connections).toHaveLength(0)
  page.show(<Typing isOn={false} />)
  expect(() => send?.({ isTyping: true })).toThrow('signal needs a channel')
})

test('[CL1] a call resolves with the answer, through one stable function', async () => {
  const page = openPage()
  const calls: ((input: { name: string }) => Promise<{ text: string }>)[] = []
  function Greeter({ room }: { readonly room: string | null }) {
    calls.push(useCall(room === null ? null : hello({ room }), 'greet'))
    return null
  }
  page.show(<Greeter room="lobby" />)
  page.show(<Greeter room="lobby" />)
  expect(calls[1]).toBe(calls[0])
  page.client.connect()
  await page.settle()
  const answer = calls[0]?.({ name: 'Ada' })
  await page.settle()
  await expect(answer).resolves.toEqual({ text: 'Hello Ada' })
  page.show(<Greeter room={null} />)
  await expect(calls.at(-1)?.({ name: 'Ada' })).rejects.toMatchObject({ code: 'unknown-channel' })
})
