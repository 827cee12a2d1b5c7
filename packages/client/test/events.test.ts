// The small client: events, recovery and the outbox are those of the whole one, and nothing else is asked for.

import { createClient } from '@tidings/client/events'
import type { TidingsError } from '@tidings/core'
import { naming, seededChance, VirtualClock } from '@tidings/core/testing'
import { expect, test } from 'vitest'
import { HandLifecycle, TinyServer } from './tiny-server.ts'
import { room } from './world.ts'

function listening() {
  const clock = new VirtualClock()
  const server = new TinyServer(clock)
  const errors: TidingsError[] = []
  const client = createClient({
    url: 'ws://server.test/v1/socket',
    clock,
    chance: naming('p', seededChance(1)),
    dial: server.dial,
    lifecycle: new HandLifecycle(),
    onError: (error) => void errors.push(error),
  })
  const channel = client.channel(room)
  const heard: string[] = []
  channel.on('said', ({ text }, { origin }) => heard.push(`${text} ${origin}`))
  return { server, client, channel, heard, errors }
}

test('[SB3] what happened while it was away follows, once and in order', async () => {
  const { server, channel, heard } = listening()
  await server.settle()
  server.append(room.name, 'said', { text: 'a' })
  await server.settle()
  server.last.pair.cut()
  server.append(room.name, 'said', { text: 'b' })
  await server.advance(10_000)
  server.append(room.name, 'said', { text: 'c' })
  await server.settle()
  expect(heard).toEqual(['a live', 'b replay', 'c live'])
  expect(channel.continuity.get().status).toBe('live')
})

test('[PB2] a write that was made offline is sent, and comes back as an echo', async () => {
  const { server, client, channel, heard } = listening()
  const write = channel.publish('said', { text: 'mine' })
  expect(client.outbox.get()).toEqual([write])
  await server.settle()
  expect((await write.done).offset).toBe(1)
  expect(heard).toEqual(['mine echo'])
  expect(client.outbox.get()).toEqual([])
})

test('it asks for no state and no presence, and passes by what nobody asked for', async () => {
  const { server, heard, errors } = listening()
  await server.settle()
  const [hello] = server.last.received
  expect(hello).toMatchObject({ type: 'hello', subscribe: [{ channel: room.name }] })
  expect(JSON.stringify(hello)).not.toMatch(/"(state|presence)"/)
  server.last.send(
    { type: 'signal', channel: room.name, name: 'typing', from: 'p', data: { text: 'a' } },
    { type: 'presence', channel: room.name, total: 1, members: [{ id: 'p', state: { text: 'a' } }] },
  )
  server.append(room.name, 'said', { text: 'a' })
  await server.settle()
  expect(heard).toEqual(['a live'])
  expect(errors).toEqual([])
})
