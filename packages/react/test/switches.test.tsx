// @vitest-environment happy-dom
// Feature flags: realtime off as a whole, or for some channels, without an error anywhere.

import { render, screen } from '@testing-library/react'
import type { Client } from '@tidings/client'
import type { ChannelRef } from '@tidings/core'
import {
  TidingsProvider,
  useCall,
  useChannel,
  useChannelState,
  useConnection,
  useEvent,
  usePresence,
  usePublish,
  useSignal,
} from '@tidings/react'
import { act } from 'react'
import { expect, test } from 'vitest'
import { openPage } from './harness.tsx'
import { hello, lobby, news } from './lobby.ts'

function Everything() {
  const { continuity } = useChannel(lobby())
  const messages = useChannelState(lobby())
  const { total } = usePresence(lobby(), { name: 'Ada' })
  const { writes, publish } = usePublish(lobby(), 'said')
  const sendTyping = useSignal(lobby(), 'typing')
  const greet = useCall(lobby(), 'greet')
  const { status } = useConnection()
  useEvent(lobby(), 'said', () => undefined)
  return (
    <>
      <output>{`${status} ${continuity.status} ${messages?.length ?? 'none'} ${total}`}</output>
      <p>{writes.map((write) => write.status.name).join()}</p>
      <button
        type="button"
        onClick={() => {
          publish({ text: 'hi' })
          sendTyping({ isTyping: true })
          greet({ name: 'Ada' }).catch(({ code }) => (document.title = code))
        }}
      >
        all
      </button>
    </>
  )
}

const shown = () => screen.getByRole('status').textContent

test('off as a whole: nothing dials, every hook is idle and empty, and a write is refused where it can be seen', async () => {
  const { client, server, settle } = openPage()
  render(
    <TidingsProvider client={client} enabled={false}>
      <Everything />
    </TidingsProvider>,
  )
  await settle()
  expect(server.connections).toHaveLength(0)
  expect(shown()).toBe('disconnected idle none 0')
  act(() => screen.getByRole('button').click())
  await settle()
  expect(document.querySelector('p')?.textContent).toBe('refused')
  expect(document.title).toBe('unavailable')
  expect(server.connections).toHaveLength(0)
})

test('switched off and on again, a page hangs up and comes back to where it was', async () => {
  const { client, server, settle } = openPage()
  const page = (enabled: boolean) => (
    <TidingsProvider client={client} enabled={enabled}>
      <Everything />
    </TidingsProvider>
  )
  const { rerender } = render(page(true))
  await settle()
  server.say(lobby(), ['one'])
  await settle()
  expect(shown()).toBe('connected live 1 1')
  rerender(page(false))
  await settle()
  expect(shown()).toBe('disconnected idle none 0')
  rerender(page(true))
  await settle()
  expect(shown()).toBe('connected live 1 1')
  expect(server.connections).toHaveLength(2)
})

test('off for some channels: only those are not asked for', async () => {
  const { client, server, settle } = openPage()
  const isOn = ({ definition }: ChannelRef) => definition !== hello.definition
  function Both() {
    return (
      <>
        <output>{useChannel(lobby()).continuity.status}</output>
        <p>{useChannel(news({ topic: 'x' })).continuity.status}</p>
      </>
    )
  }
  render(
    <TidingsProvider client={client} enabled={isOn}>
      <Both />
    </TidingsProvider>,
  )
  await settle()
  expect(shown()).toBe('idle')
  expect(document.querySelector('p')?.textContent).toBe('live')
  expect(server.subscribes).toEqual(['news/x'])
})

test('a flag that comes on while the page was away is followed by the page that comes back', async () => {
  const { client, settle } = openPage()
  const page = (key: string, enabled: boolean) => (
    <TidingsProvider key={key} client={client} enabled={enabled}>
      <Everything />
    </TidingsProvider>
  )
  const { rerender } = render(page('one', false))
  await settle()
  rerender(page('two', true))
  await settle()
  expect(shown()).toBe('connected live 0 1')
})

test('a client that was never switched off is not dialled because another one was', async () => {
  const [off, other] = [openPage(), openPage()]
  const page = (client: Client, enabled: boolean) => (
    <TidingsProvider client={client} enabled={enabled}>
      nothing that uses it
    </TidingsProvider>
  )
  const { rerender } = render(page(off.client, false))
  rerender(page(other.client, true))
  await other.settle()
  expect(other.server.connections).toHaveLength(0)
})

test('a person who hung up stays offline, whatever a flag that was on all the time says', async () => {
  const { client, settle } = openPage()
  const page = (key: string) => (
    <TidingsProvider key={key} client={client} enabled>
      <Everything />
    </TidingsProvider>
  )
  const { rerender } = render(page('one'))
  await settle()
  act(() => client.disconnect())
  rerender(page('two'))
  await settle()
  expect(client.connection.get().status).toBe('disconnected')
})
