// Tabs that share a connection, over a real socket to a real server: the shipped clients with the platform's own locks,
// broadcasts and WebSocket, each of them a tab.

import { type Client, createClient, type LifecycleHint } from '@tidings/client'
import { type SharedDial, sharedDial } from '@tidings/client/tabs'
import { MAX_NAME_LENGTH } from '@tidings/core'
import { expect, it, onTestFinished } from 'vitest'
import { note } from './hostile/contract.ts'
import { Target } from './hostile/target.ts'
import { range, until } from './hostile/until.ts'

const lobby = note({ room: 'lobby' })

interface Tab {
  readonly client: Client
  readonly dial: SharedDial
  readonly heard: { readonly text: string; readonly offset: number; readonly origin: string }[]
  readonly isOnline: () => boolean
  /** As the browser does with a tab that nobody looks at. */
  readonly freeze: () => void
}

function open(target: Target, token?: string): Tab {
  const hints = new Set<(hint: LifecycleHint) => void>()
  const dial = sharedDial({
    lifecycle: {
      isOnline: () => true,
      subscribe: (listener) => {
        hints.add(listener)
        return () => void hints.delete(listener)
      },
    },
  })
  const client = createClient({
    url: target.origin,
    dial,
    token: () => token,
    backoff: { firstMs: 20, maxMs: 50 },
  })
  const heard: Tab['heard'] = []
  client
    .channel(lobby)
    .on('said', ({ text }, { position, origin }) => heard.push({ text, offset: position.offset, origin }))
  onTestFinished(() => client.close())
  const isOnline = () => client.connection.get().status === 'connected'
  const freeze = () => {
    for (const hint of [...hints]) hint('frozen')
  }
  return { client, dial, heard, isOnline, freeze }
}

/** Two that are connected; the first one has the connection. */
async function pair(target: Target, tokens: readonly (string | undefined)[] = []): Promise<[Tab, Tab]> {
  const first = open(target, tokens[0])
  await until(() => first.isOnline())
  const second = open(target, tokens[1])
  await until(() => second.isOnline())
  expect(target.server.connections).toBe(1)
  expect([first.dial.isHolder, second.dial.isHolder]).toEqual([true, false])
  return [first, second]
}

const write = ({ client }: Tab, text: string) => client.channel(lobby).publish('said', { text })
const texts = ({ heard }: Tab) => heard.map(({ text }) => text)
const closings = (target: Target, name: 'laneClosed' | 'connectionClosed') =>
  target.happenings.flatMap((happening) => (happening.name === name ? [happening.code] : []))

it('[LN1] [LN3] two clients on one socket are two sessions: each hears everything once, and knows its own', async () => {
  const target = await Target.start()
  const tabs = await pair(target)
  const all = range(1, 100).map((n) => `${n}`)
  for (const [i, text] of all.entries()) write(tabs[i % 2] as Tab, text)
  await until(() => tabs.every(({ heard }) => heard.length === 100))
  const [first, second] = tabs
  expect(texts(first)).toEqual(texts(second))
  expect(first.heard.map(({ offset }) => offset)).toEqual(range(1, 100))
  expect([...texts(first)].sort()).toEqual([...all].sort())
  for (const [i, tab] of tabs.entries()) {
    const own = tab.heard.filter(({ origin }) => origin === 'echo').map(({ text }) => text)
    // Each in the order in which it was written.
    expect(own).toEqual(all.filter((_, at) => at % 2 === i))
  }
  expect(target.happenings.filter(({ name }) => name === 'connectionOpened')).toHaveLength(1)
})

it('[LN4] a client that leaves takes its lane alone, and the last one the connection', async () => {
  const target = await Target.start()
  // The tab of the one that leaves has the connection: it goes on serving the other, as long as it is there.
  const [second, first] = await pair(target)
  second.client.close()
  await until(() => closings(target, 'laneClosed').length === 1)
  write(first, 'still here')
  await until(() => texts(first).includes('still here'))
  expect(target.server.connections).toBe(1)
  first.client.close()
  await until(() => target.server.connections === 0)
  expect(closings(target, 'connectionClosed')).toHaveLength(1)
})

it('[LN4] [AU6] a person whose rights end loses their lane; the other on the connection hears no interruption', async () => {
  const target = await Target.start()
  const [first, second] = await pair(target, ['ada', 'ben'])
  const told: string[] = []
  first.client.connection.subscribe(() => told.push(first.client.connection.get().status))
  const drops: string[] = []
  second.client.connection.subscribe(() => !second.isOnline() && drops.push('dropped'))
  expect(target.server.revoke({ user: 'ben' })).toBe(1)
  // Its client may be back with a fresh token at once: what it was told of is the drop.
  await until(() => drops.length > 0)
  expect(closings(target, 'laneClosed')[0]).toBe(4403)
  write(first, 'after')
  await until(() => texts(first).includes('after'))
  expect(told).toEqual([])
  expect(target.happenings.filter(({ name }) => name === 'connectionOpened')).toHaveLength(1)
})

it('[LN4] when the tab with the connection is put to sleep, the other dials, and goes on from where it was', async () => {
  const target = await Target.start()
  const [first, second] = await pair(target)
  write(first, 'before')
  await until(() => texts(second).includes('before'))
  first.freeze()
  const own = range(1, 20).map((n) => `meanwhile ${n}`)
  for (const text of own) write(second, text)
  await until(() => second.dial.isHolder && second.isOnline() && second.heard.length === 21)
  expect(texts(second)).toEqual(['before', ...own])
  expect(second.heard.map(({ offset }) => offset)).toEqual(range(1, 21))
  await until(() => target.server.connections === 1)
})

it('[LN7] a server that goes away tells both: they leave at once, and what they write waits', async () => {
  const target = await Target.start()
  const tabs = await pair(target)
  const [first, second] = tabs
  write(first, 'before')
  await until(() => tabs.every(({ heard }) => heard.length === 1))
  // Whoever is told so leaves at once, and finds nobody.
  const closing = target.server.close({ drainMs: 1_000 })
  await until(() => closings(target, 'connectionClosed').length > 0)
  await closing
  expect(closings(target, 'connectionClosed')).toHaveLength(1)
  await until(() => tabs.every(({ client }) => client.connection.get().status === 'reconnecting'))
  write(second, 'kept')
  expect(second.client.outbox.get()).toHaveLength(1)
})

it('[LN9] what a client may say on a connection of its own, it may say on a lane', async () => {
  const limit = 4_096
  const target = await Target.start({ limits: { helloBytes: limit, messageBytes: limit } })
  const tabs = await pair(target)
  for (const tab of tabs) {
    // The longest channel name, and as many bytes as the message then takes, which is a list of one frame.
    const channel = note({ room: 'x'.repeat(MAX_NAME_LENGTH - 'note/'.length) })
    const frame = { type: 'publish', id: 9, channel: channel.name, event: 'said', data: { text: '' } }
    const room = limit - '[]'.length - JSON.stringify({ ...frame, sequence: 1, previous: 0 }).length
    await tab.client.channel(channel).publish('said', { text: 'y'.repeat(room) }).done
  }
  expect(target.server.connections).toBe(1)
})
