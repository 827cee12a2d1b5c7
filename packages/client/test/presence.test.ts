// Who is here, what passes by, and what is asked: presence, signals, calls.

import type { ServerFrame } from '@tidings/core'
import { describe, expect, test } from 'vitest'
import { hall, room, type Said, world } from './world.ts'

const member = (id: string, text = id) => ({ id, user: undefined, state: { text } })

describe('who is here', () => {
  const opened = async () => {
    const it = world()
    const channel = it.client.channel(room)
    let changes = 0
    const stop = channel.presence.subscribe(() => changes++)
    await it.server.settle()
    const tell = async (...frames: ServerFrame[]) => {
      it.server.last.send(...frames)
      await it.server.settle()
    }
    return { ...it, channel, tell, stop, changes: () => changes }
  }

  test('[PR2] is asked for by whoever watches it, and by nobody else', async () => {
    const { client, server, channel } = await opened()
    expect(server.last.hello?.subscribe).toMatchObject([{ channel: 'chat/a', presence: 'members' }])
    client.channel(hall).presence.subscribe(() => {})
    await server.settle()
    expect(server.last.framesOf('subscribe')).toEqual([{ type: 'subscribe', id: 2, channel: 'plain/a' }])
    expect(channel.presence.get()).toEqual({ total: 0, members: [], isComplete: false })
  })

  test('[PR2] watching later asks again, from where the channel is, and nothing is missed', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    const seen: string[] = []
    channel.on('said', ({ text }) => seen.push(text))
    await server.settle()
    expect(server.last.hello?.subscribe?.[0]).not.toHaveProperty('presence')
    server.append(room.name, 'said', { text: 'a' })
    await server.settle()
    channel.presence.subscribe(() => {})
    server.append(room.name, 'said', { text: 'b' })
    await server.settle()
    expect(server.last.framesOf('subscribe')).toMatchObject([{ after: 'e1:1:te11', presence: 'members' }])
    expect(seen).toEqual(['a', 'b'])
  })

  test('[PR2] a snapshot, then what changes', async () => {
    const { channel, tell, changes } = await opened()
    const about = { channel: room.name }
    await tell({ type: 'presence', ...about, total: 2, members: [member('a'), member('b')] })
    expect(channel.presence.get()).toEqual({
      total: 2,
      members: [member('a'), member('b')],
      isComplete: true,
    })
    const before = channel.presence.get()
    await tell({
      type: 'presenceChange',
      ...about,
      total: 2,
      joined: [member('c')],
      updated: [member('b', 'moved')],
      left: ['a'],
    })
    expect(channel.presence.get()).toEqual({
      total: 2,
      members: [member('b', 'moved'), member('c')],
      isComplete: true,
    })
    expect(before.members).toHaveLength(2)
    expect(changes()).toBe(2)
  })

  test('[PR4] totals alone, from the start or from some moment on', async () => {
    const { channel, tell } = await opened()
    const about = { channel: room.name }
    await tell({ type: 'presence', ...about, total: 5_000 })
    expect(channel.presence.get()).toEqual({ total: 5_000, members: [], isComplete: false })
    await tell({ type: 'presenceChange', ...about, total: 5_001 })
    expect(channel.presence.get().total).toBe(5_001)
    await tell({ type: 'presence', ...about, total: 1, members: [member('a')] })
    await tell({ type: 'presenceChange', ...about, total: 1_001 })
    expect(channel.presence.get()).toEqual({ total: 1_001, members: [], isComplete: false })
  })

  test('[PR4] an app may ask for totals only', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    channel.configure({ presence: 'counts' })
    channel.presence.subscribe(() => {})
    await server.settle()
    expect(server.last.hello?.subscribe).toMatchObject([{ presence: 'counts' }])
  })

  test('[PR5] a member whose state does not fit is reported and left out', async () => {
    const { channel, tell, errors } = await opened()
    await tell({
      type: 'presence',
      channel: room.name,
      total: 2,
      members: [member('a', 'bad'), member('__proto__')],
    })
    expect(channel.presence.get()).toEqual({ total: 2, members: [member('__proto__')], isComplete: false })
    expect(errors).toMatchObject([{ code: 'invalid-data' }])
  })

  test('is kept during a drop and replaced afterwards', async () => {
    const { channel, server, tell } = await opened()
    await tell({ type: 'presence', channel: room.name, total: 1, members: [member('a')] })
    server.last.pair.cut()
    await server.advance(1_000)
    expect(channel.presence.get().members).toHaveLength(1)
    await tell({ type: 'presence', channel: room.name, total: 1, members: [member('b')] })
    expect(channel.presence.get().members).toEqual([member('b')])
  })

  test('is forgotten when the channel is left', async () => {
    const { channel, server, tell, stop } = await opened()
    await tell({ type: 'presence', channel: room.name, total: 1, members: [member('a')] })
    stop()
    await server.advance(1_100)
    expect(channel.presence.get()).toEqual({ total: 0, members: [], isComplete: false })
  })
})

describe('being here', () => {
  test('[PR1] enters, and again on every connection, until cancelled', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    const leave = channel.enter({ text: 'writing' })
    await server.settle()
    expect(server.last.framesOf('enter')).toMatchObject([{ channel: 'chat/a', state: { text: 'writing' } }])
    server.last.pair.cut()
    await server.advance(1_000)
    expect(server.last.framesOf('enter')).toMatchObject([{ state: { text: 'writing' } }])
    leave()
    leave()
    await server.settle()
    expect(server.last.framesOf('leave')).toEqual([{ type: 'leave', channel: 'chat/a' }])
    server.last.pair.cut()
    await server.advance(3_000)
    expect(server.connections).toHaveLength(3)
    expect(server.last.framesOf('enter')).toEqual([])
  })

  test('[PR1] a change of state is an update: leaving and entering in one turn is no leave', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    const leave = channel.enter({ text: 'one' })
    await server.advance(100)
    leave()
    channel.enter({ text: 'two' })
    await server.settle()
    expect(server.last.received.map(({ type }) => type)).toEqual(['hello', 'enter', 'enter'])
  })

  test('the latest of several counts, and the one before it when that is cancelled', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    channel.enter({ text: 'one' })
    const leave = channel.enter({ text: 'two' })
    await server.advance(100)
    leave()
    await server.advance(100)
    expect(server.last.framesOf('enter').map(({ state }) => (state as Said).text)).toEqual(['two', 'one'])
    expect(server.last.framesOf('leave')).toEqual([])
  })

  test('quick changes go out at most every 50 ms, the last one always', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    let leave = () => {}
    for (let i = 0; i < 100; i++) {
      leave()
      leave = channel.enter({ text: `${i}` })
      await server.advance(5, 5)
    }
    await server.advance(100)
    const states = server.last.framesOf('enter').map(({ state }) => (state as Said).text)
    expect(states.length).toBeLessThanOrEqual(12)
    expect(states.at(-1)).toBe('99')
  })

  test('[PR5] a state that does not fit is thrown at once; a channel without presence says so', () => {
    const { client } = world()
    expect(() => client.channel(room).enter({ text: 'bad' })).toThrow(
      expect.objectContaining({ code: 'invalid-data', field: 'state.text' }),
    )
    expect(() => client.channel(hall).enter(undefined as never)).toThrow('no presence')
  })

  test('a refusal is reported; one for now is tried again', async () => {
    const { client, server, errors } = world()
    const answers = ['unavailable', 'forbidden']
    server.intercept = (frame, connection) => {
      if (frame.type !== 'enter') return false
      connection.send({
        type: 'error',
        id: frame.id,
        code: answers.shift() ?? 'internal',
        message: 'No.',
        retryAfterMs: 500,
      })
      return true
    }
    client.channel(room).enter({ text: 'a' })
    await server.advance(5_000)
    expect(server.last.framesOf('enter')).toHaveLength(2)
    expect(errors.map(({ code }) => code)).toEqual(['unavailable', 'forbidden'])
  })
})

describe('signals', () => {
  test('[SG2] at most one in 50 ms for each name, the latest wins and is never lost', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    client.connect()
    await server.settle()
    for (let i = 0; i < 20; i++) {
      channel.signal('typing', { text: `${i}` })
      await server.advance(10, 10)
    }
    await server.advance(100)
    const texts = server.last.framesOf('signal').map(({ data }) => (data as Said).text)
    expect(texts[0]).toBe('0')
    expect(texts.at(-1)).toBe('19')
    expect(texts.length).toBeLessThanOrEqual(6)
  })

  test('are dropped without a connection, and never sent later', async () => {
    const { client, server, clock } = world()
    const channel = client.channel(room)
    channel.signal('typing', { text: 'a' })
    expect(clock.pendingTimers).toBe(0)
    client.connect()
    await server.settle()
    channel.signal('typing', { text: 'b' })
    channel.signal('typing', { text: 'c' })
    await clock.settle()
    server.last.pair.cut()
    await server.advance(2_000)
    expect(server.connections.flatMap((each) => each.framesOf('signal'))).toEqual([])
  })

  test('[SG1] reach their listeners, checked', async () => {
    const { client, server, errors } = world()
    const heard: string[] = []
    const stop = client.channel(room).onSignal('typing', ({ text }, from) => heard.push(`${from} ${text}`))
    await server.settle()
    const signal = (name: string, text: string) =>
      server.last.send({ type: 'signal', channel: room.name, name, from: 'x', data: { text } })
    signal('typing', 'a')
    signal('typing', 'bad')
    signal('constructor', 'a')
    await server.settle()
    expect(heard).toEqual(['x a'])
    expect(errors).toMatchObject([{ code: 'invalid-data' }])
    stop()
    signal('typing', 'b')
    await server.settle()
    expect(heard).toEqual(['x a'])
  })

  test('what does not fit is thrown at once', () => {
    const { client } = world()
    const channel = client.channel(room)
    expect(() => channel.signal('typing', { text: 'bad' })).toThrow(
      expect.objectContaining({ code: 'invalid-data' }),
    )
    expect(() => channel.signal('toString' as 'typing', { text: 'a' })).toThrow(
      expect.objectContaining({ code: 'unknown-event' }),
    )
  })
})

describe('calls', () => {
  test('[CL1] are answered by the handler’s result', async () => {
    const { client, server, clock } = world()
    server.onCall = (name, data) => ({ text: `${name} ${(data as Said).text}` })
    const answer = client.channel(room).call('echo', { text: 'a' })
    await server.settle()
    expect(await answer).toEqual({ text: 'echo a' })
    client.close()
    expect(clock.pendingTimers).toBe(0)
  })

  test('[CL1] input and output are checked', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    await expect(channel.call('echo', { text: 'bad' })).rejects.toMatchObject({ code: 'invalid-data' })
    await expect(channel.call('valueOf' as 'echo', { text: 'a' })).rejects.toMatchObject({
      code: 'unknown-event',
    })
    server.onCall = () => ({ text: 7 })
    const answer = channel.call('echo', { text: 'a' })
    answer.catch(() => {})
    await server.settle()
    await expect(answer).rejects.toMatchObject({ code: 'invalid-data', field: 'echo.text' })
  })

  test('an error of the server is the call’s', async () => {
    const { client, server } = world()
    server.intercept = (frame, connection) => {
      if (frame.type !== 'call') return false
      connection.send({
        type: 'error',
        id: frame.id,
        code: 'call-failed',
        message: 'Sold out.',
        channel: frame.channel,
      })
      return true
    }
    const answer = client.channel(room).call('echo', { text: 'a' })
    answer.catch(() => {})
    await server.settle()
    await expect(answer).rejects.toMatchObject({
      code: 'call-failed',
      message: 'Sold out.',
      channel: 'chat/a',
    })
  })

  test('a connection that ends before the answer: timeout, and never sent twice', async () => {
    const { client, server } = world()
    server.intercept = ({ type }) => type === 'call'
    const answer = client.channel(room).call('echo', { text: 'a' })
    answer.catch(() => {})
    await server.settle()
    server.last.pair.cut()
    await expect(answer).rejects.toMatchObject({ code: 'timeout' })
    await server.advance(2_000)
    expect(server.last.framesOf('call')).toEqual([])
  })

  test('no answer in time: timeout; no connection in time: unavailable, it was not sent', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    server.mode = 'refuse'
    const unsent = channel.call('echo', { text: 'a' }, { timeoutMs: 500 })
    unsent.catch(() => {})
    await server.advance(500)
    await expect(unsent).rejects.toMatchObject({ code: 'unavailable' })
    server.mode = 'open'
    server.intercept = ({ type }) => type === 'call'
    await server.advance(3_000)
    const unanswered = channel.call('echo', { text: 'a' })
    unanswered.catch(() => {})
    await server.advance(15_000)
    await expect(unanswered).rejects.toMatchObject({ code: 'timeout' })
    expect(server.last.framesOf('call')).toHaveLength(1)
  })

  test('can be given up with a signal', async () => {
    const { client, server, clock } = world()
    const abort = new AbortController()
    const answer = client.channel(room).call('echo', { text: 'a' }, { signal: abort.signal })
    answer.catch(() => {})
    abort.abort(new Error('Changed my mind.'))
    await expect(answer).rejects.toThrow('Changed my mind.')
    await expect(client.channel(room).call('echo', { text: 'a' }, { signal: abort.signal })).rejects.toThrow(
      'Changed my mind.',
    )
    await server.settle()
    expect(server.last.framesOf('call')).toEqual([])
    client.close()
    expect(clock.pendingTimers).toBe(0)
  })

  test('are bounded', async () => {
    const { client, server } = world()
    server.mode = 'refuse'
    const channel = client.channel(room)
    const calls = Array.from({ length: 257 }, () => channel.call('echo', { text: 'a' }))
    for (const call of calls) call.catch(() => {})
    await expect(calls.at(-1)).rejects.toMatchObject({ code: 'unavailable' })
    client.close()
    await expect(calls[0]).rejects.toMatchObject({ code: 'unavailable' })
    await expect(channel.call('echo', { text: 'a' })).rejects.toMatchObject({ code: 'unavailable' })
  })
})
