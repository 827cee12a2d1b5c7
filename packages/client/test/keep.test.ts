// A state that is kept while nobody holds its channel: whoever holds it next goes on from there.

import { expect, test } from 'vitest'
import { chat, hall, room, type World, world } from './world.ts'

const LINGER_MS = 1_000

/** A channel that had the message `a`, and that nobody holds any more. */
async function left(it: World, isKept: boolean) {
  const channel = it.client.channel(room)
  const stopKeeping = isKept ? channel.keep() : () => undefined
  const leave = channel.hold()
  await it.server.settle()
  it.server.append(room.name, 'said', { text: 'a' })
  await it.server.settle()
  leave()
  await it.server.advance(2 * LINGER_MS)
  return { channel, stopKeeping }
}

test('keeping subscribes to nothing', async () => {
  const it = world()
  it.client.channel(room).keep()
  await it.server.settle()
  expect(it.server.connections).toHaveLength(0)
})

test('[SB3] a kept state is there at once, and goes on from its place', async () => {
  const it = world()
  const { channel } = await left(it, true)
  expect(it.server.last.framesOf('unsubscribe')).toHaveLength(1)
  expect(channel.continuity.get().status).toBe('idle')
  expect(channel.state.get()).toEqual(['a #e1:1'])
  it.server.append(room.name, 'said', { text: 'b' })
  await it.server.settle()
  channel.hold()
  expect(channel.state.get()).toEqual(['a #e1:1'])
  await it.server.settle()
  expect(it.server.last.framesOf('subscribe').at(-1)).toMatchObject({ after: 'e1:1:te11', state: 3 })
  expect(channel.continuity.get()).toMatchObject({ status: 'live', verdict: { name: 'resumed', behind: 1 } })
  expect(channel.state.get()).toEqual(['a #e1:1', 'b #e1:2'])
})

test('[SB2] a state that nobody keeps is forgotten, and begins anew', async () => {
  const it = world()
  const { channel } = await left(it, false)
  expect(channel.state.get()).toBeUndefined()
  channel.hold()
  await it.server.settle()
  expect(channel.continuity.get().verdict?.name).toBe('fresh')
})

test('what was missed goes into the state alone; listeners hear what happens from then on', async () => {
  const it = world()
  const { channel } = await left(it, true)
  it.server.append(room.name, 'said', { text: 'missed' })
  const heard: string[] = []
  channel.on('said', ({ text }, { origin }) => heard.push(`${text} ${origin}`))
  await it.server.settle()
  it.server.append(room.name, 'said', { text: 'heard' })
  await it.server.settle()
  it.server.last.pair.cut()
  it.server.append(room.name, 'said', { text: 'later' })
  await it.server.advance(60_000)
  expect(heard).toEqual(['heard live', 'later replay'])
  expect(channel.state.get()).toEqual(['a #e1:1', 'missed #e1:2', 'heard #e1:3', 'later #e1:4'])
})

test('[SB4] a kept place whose history is gone is reset, with the snapshot', async () => {
  const it = world()
  const { channel } = await left(it, true)
  it.server.log(room.name).lose('e2')
  it.server.log(room.name).append('said', { text: 'z' })
  const resets: string[] = []
  channel.onReset(({ reason }) => resets.push(reason))
  await it.server.settle()
  expect(resets).toEqual(['epoch'])
  expect(channel.state.get()).toEqual(['z #e2:1'])
})

test('once nobody keeps it, it is forgotten', async () => {
  const it = world()
  const { channel, stopKeeping } = await left(it, true)
  const other = channel.keep()
  stopKeeping()
  stopKeeping()
  expect(channel.state.get()).toEqual(['a #e1:1'])
  other()
  expect(channel.state.get()).toBeUndefined()
  channel.hold()
  await it.server.settle()
  expect(channel.continuity.get().verdict?.name).toBe('fresh')
})

test('what is written while nobody holds the channel is in a kept state once, before and after', async () => {
  const it = world()
  const { channel } = await left(it, true)
  it.server.append(room.name, 'said', { text: 'b' })
  const { done } = channel.publish('said', { text: 'mine' })
  expect(channel.state.get()).toEqual(['a #e1:1', 'mine? #you-p:1'])
  await it.server.settle()
  await done
  expect(channel.state.get()).toEqual(['a #e1:1', 'mine? #you-p:1'])
  channel.hold()
  await it.server.settle()
  expect(channel.state.get()).toEqual(['a #e1:1', 'b #e1:2', 'mine #you-p:1'])
})

test('a channel without a state has nothing to keep', async () => {
  const it = world()
  const channel = it.client.channel(hall)
  channel.keep()
  channel.hold()()
  await it.server.settle()
  await it.server.advance(2 * LINGER_MS)
  expect(channel.position()).toBeUndefined()
})

test('a load that is under way when the channel is released is asked for anew', async () => {
  const it = world()
  const channel = it.client.channel(chat({ room: 'b' }))
  const asked: string[] = []
  channel.configure({
    load: ({ reason }) => {
      asked.push(reason)
      return asked.length === 1 ? new Promise(() => undefined) : Promise.resolve({ state: ['loaded'] })
    },
  })
  channel.keep()
  const leave = channel.hold()
  await it.server.settle()
  leave()
  await it.server.advance(2 * LINGER_MS)
  channel.hold()
  await it.server.settle()
  expect(asked).toEqual(['first', 'first'])
  expect(channel.state.get()).toEqual(['loaded'])
})
