// Own writes until the server has answered: order, numbers, bounds, fates.

import type { Publication } from '@tidings/client'
import type { ClientFrame, Position, ServerFrame, TidingsError } from '@tidings/core'
import { describe, expect, test } from 'vitest'
import { hall, plain, type Said, type World, world } from './world.ts'

type Publish = Extract<ClientFrame, { readonly type: 'publish' }>

const texts = (list: readonly Publication[]) => list.map(({ data }) => (data as Said).text)
const status = (publication: Publication) => publication.status.get().name
const log = ({ server }: World, channel = hall.name) =>
  server.log(channel).entries.map(({ data }) => (data as Said).text)
const sent = ({ server }: World) =>
  server.last.framesOf('publish').map(({ sequence, previous }) => [sequence, previous])

/** A list in a list, `depth` of them. */
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

/** Answers every publish with this, as long as `count` lasts. */
function answerWith(it: World, count: number, answer: (frame: Publish) => ServerFrame | undefined): void {
  let left = count
  it.server.intercept = (frame, connection) => {
    if (frame.type !== 'publish' || left === 0) return false
    left--
    const reply = answer(frame)
    if (reply) connection.send(reply)
    return true
  }
}

const error =
  (code: string, more: Partial<Extract<ServerFrame, { type: 'error' }>> = {}) =>
  (frame: Publish) =>
    ({
      type: 'error',
      id: frame.id,
      channel: frame.channel,
      code,
      message: `It is ${code}.`,
      ...more,
    }) as const

describe('a write', () => {
  test('[PB1] goes from queued to sent to accepted, with its place', async () => {
    const { client, server } = world()
    const publication = client.channel(hall).publish('said', { text: 'a' })
    const steps: string[] = [status(publication)]
    publication.status.subscribe(() => steps.push(status(publication)))
    expect(publication).toMatchObject({
      id: 'local:1',
      channel: 'plain/a',
      event: 'said',
      data: { text: 'a' },
    })
    expect(client.outbox.get()).toEqual([publication])
    await server.settle()
    expect(steps).toEqual(['queued', 'sent', 'accepted'])
    const position: Position = { epoch: 'e1', offset: 1, tag: 'te11' }
    expect(publication.status.get()).toEqual({ name: 'accepted', position, isDuplicate: false })
    expect(await publication.done).toEqual(position)
    expect(publication.id).toBe('you-p:1')
    expect(client.outbox.get()).toEqual([])
  })

  test('[PB2] writes to a channel are numbered 1, 2, 3, each channel on its own', async () => {
    const it = world()
    const other = it.client.channel(plain({ room: 'b' }))
    const channel = it.client.channel(hall)
    for (const text of ['a', 'b', 'c']) channel.publish('said', { text })
    other.publish('said', { text: 'x' })
    await it.server.settle()
    expect(sent(it)).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
      [1, 0],
    ])
    expect(log(it)).toEqual(['a', 'b', 'c'])
  })

  test('what is sent is the data as it was when it was published', async () => {
    const it = world()
    const data = { text: 'before' }
    const publication = it.client.channel(hall).publish('said', data)
    data.text = 'after'
    await it.server.settle()
    expect(log(it)).toEqual(['before'])
    expect(publication.data).toEqual({ text: 'before' })
  })

  test.for([
    ['invalid-data', 'said', { text: 'bad' }],
    ['invalid-data', 'said', undefined],
    ['invalid-data', 'said', { text: 'a', self: 1n }],
    ['too-large', 'said', { text: 'x'.repeat(64_001) }],
    ['too-large', 'said', { text: 'a', more: nested(30) }],
    ['too-large', 'said', { text: 'a', more: Array(16_400).fill(1) }],
    ['unknown-event', 'sung', { text: 'a' }],
    ['unknown-event', 'constructor', { text: 'a' }],
  ] as const)('[PB6] %s is thrown at once, and takes no number', async ([code, name, data]) => {
    const it = world()
    const channel = it.client.channel(hall)
    expect(() => channel.publish(name as 'said', data as Said)).toThrow(expect.objectContaining({ code }))
    channel.publish('said', { text: 'good' })
    await it.server.settle()
    expect(sent(it)).toEqual([[1, 0]])
  })

  test('[CN5] data as deep and as wide as a message allows arrives', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    const wide = { text: 'wide', more: Array(16_300).fill(1) }
    for (const data of [{ text: 'deep', more: nested(29) }, wide]) channel.publish('said', data)
    await it.server.settle()
    expect(log(it)).toEqual(['deep', 'wide'])
  })

  test('a refused write that nobody asks about is no unhandled rejection', async () => {
    const it = world()
    answerWith(it, 1, error('forbidden'))
    const publication = it.client.channel(hall).publish('said', { text: 'a' })
    await it.server.settle()
    expect(publication.status.get()).toMatchObject({ name: 'refused', error: { code: 'forbidden' } })
    await expect(publication.done).rejects.toMatchObject({ code: 'forbidden', channel: 'plain/a' })
  })
})

describe('without a connection', () => {
  test('writes wait, in order, and go out right behind the hello', async () => {
    const it = world()
    it.server.mode = 'refuse'
    const channel = it.client.channel(hall)
    const publications = ['a', 'b', 'c'].map((text) => channel.publish('said', { text }))
    await it.server.settle()
    expect(publications.map(status)).toEqual(['queued', 'queued', 'queued'])
    expect(texts(it.client.outbox.get())).toEqual(['a', 'b', 'c'])
    it.server.mode = 'open'
    await it.server.advance(1_000)
    expect(log(it)).toEqual(['a', 'b', 'c'])
    expect(it.server.last.received.map(({ type }) => type)).toEqual([
      'hello',
      'publish',
      'publish',
      'publish',
    ])
    expect(it.server.last.messages).toBe(2)
  })

  test('a full outbox refuses the next write and keeps the others', async () => {
    const { client, server } = world({ outbox: { maxMessages: 3 } })
    server.mode = 'refuse'
    const channel = client.channel(hall)
    for (const text of ['a', 'b', 'c']) channel.publish('said', { text })
    expect(() => channel.publish('said', { text: 'd' })).toThrow(
      expect.objectContaining({ code: 'unavailable', message: expect.stringContaining('full') }),
    )
    server.mode = 'open'
    await server.advance(1_000)
    channel.publish('said', { text: 'e' })
    await server.settle()
    expect(
      server.log(hall.name).entries.map(({ data, sequence }) => [(data as Said).text, sequence]),
    ).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['e', 4],
    ])
  })

  test('bytes are bounded as well', () => {
    const { client, server } = world({ outbox: { maxBytes: 50 } })
    server.mode = 'refuse'
    const channel = client.channel(hall)
    channel.publish('said', { text: '€'.repeat(10) })
    expect(() => channel.publish('said', { text: 'x' })).toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    )
  })

  test('clear() drops what was not sent: refused, and told', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    channel.publish('said', { text: 'sent' })
    await it.clock.settle()
    it.server.last.pair.flush()
    await it.clock.settle()
    expect(texts(it.client.outbox.get())).toEqual(['sent'])
    it.server.last.pair.cut()
    const late = channel.publish('said', { text: 'late' })
    let told = 0
    it.client.outbox.subscribe(() => told++)
    expect(it.client.outbox.clear()).toBe(1)
    expect(told).toBe(1)
    expect(late.status.get()).toMatchObject({ name: 'refused', error: { code: 'bad-request' } })
    const next = channel.publish('said', { text: 'next' })
    await it.server.advance(1_000)
    expect(log(it)).toEqual(['sent', 'next'])
    expect(status(next)).toBe('accepted')
    expect(sent(it).at(-1)).toEqual([3, 1])
  })

  test('close() refuses what is pending and says nothing afterwards', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    server.intercept = ({ type }) => type === 'publish'
    const publication = channel.publish('said', { text: 'a' })
    await server.settle()
    client.close()
    await expect(publication.done).rejects.toMatchObject({ code: 'unavailable' })
    expect(client.outbox.get()).toEqual([])
  })
})

describe('after a drop', () => {
  test('whatever is unanswered is sent again, first and in order, under the same numbers', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    channel.hold()
    await it.server.settle()
    it.server.intercept = ({ type }) => type === 'publish'
    const publications = ['a', 'b'].map((text) => channel.publish('said', { text }))
    await it.server.settle()
    it.server.intercept = () => false
    it.server.last.pair.cut()
    expect(publications.map(status)).toEqual(['sent', 'sent'])
    channel.publish('said', { text: 'c' })
    await it.server.advance(1_000)
    expect(sent(it)).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ])
    expect(log(it)).toEqual(['a', 'b', 'c'])
  })

  test('[PB2] a write whose answer was lost is in the log once, and is told its first place', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    it.client.connect()
    await it.server.settle()
    const publication = channel.publish('said', { text: 'a' })
    await it.clock.settle()
    it.server.last.pair.flushTo('server')
    it.server.last.pair.cut()
    await it.server.advance(1_000)
    expect(log(it)).toEqual(['a'])
    expect(publication.status.get()).toMatchObject({
      name: 'accepted',
      position: { offset: 1 },
      isDuplicate: true,
    })
  })

  test('a write that may be in the log is not dropped by clear(), even when the log cannot be reached now', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    it.client.connect()
    await it.server.settle()
    const publication = channel.publish('said', { text: 'a' })
    await it.clock.settle()
    it.server.last.pair.flushTo('server')
    it.server.last.pair.cut()
    answerWith(it, 1, error('unavailable', { retryAfterMs: 5_000 }))
    await it.server.advance(1_000)
    expect(status(publication)).toBe('sent')
    expect(it.client.outbox.clear()).toBe(0)
    await it.server.advance(5_000)
    expect(publication.status.get()).toMatchObject({ name: 'accepted', isDuplicate: true })
  })

  test('nor is one that was sent behind it: a log that has the first takes the second as well', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    it.client.connect()
    await it.server.settle()
    channel.publish('said', { text: 'a' })
    await it.clock.settle()
    it.server.last.pair.flushTo('server')
    it.server.last.pair.cut()
    const behind = channel.publish('said', { text: 'b' })
    answerWith(it, 1, error('unavailable', { retryAfterMs: 5_000 }))
    await it.server.advance(1_000)
    expect(log(it)).toEqual(['a', 'b'])
    expect(status(behind)).toBe('sent')
    expect(it.client.outbox.clear()).toBe(0)
    await it.server.advance(5_000)
    expect(behind.status.get()).toMatchObject({
      name: 'accepted',
      position: { offset: 2 },
      isDuplicate: true,
    })
    expect(log(it)).toEqual(['a', 'b'])
  })

  test('the entry that comes back counts as the answer', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    channel.hold()
    await it.server.settle()
    const publication = channel.publish('said', { text: 'a' })
    await it.clock.settle()
    it.server.last.pair.flushTo('server')
    it.server.last.pair.cut()
    it.server.intercept = ({ type }) => type === 'publish'
    await it.server.advance(1_000)
    expect(publication.status.get()).toMatchObject({
      name: 'accepted',
      position: { offset: 1 },
      isDuplicate: false,
    })
    expect(it.client.outbox.get()).toEqual([])
  })

  test('at most maxInFlight are unanswered', async () => {
    const it = world({ outbox: { maxInFlight: 4 } })
    it.client.connect()
    await it.server.settle()
    it.server.intercept = ({ type }) => type === 'publish'
    const channel = it.client.channel(hall)
    for (let i = 0; i < 10; i++) channel.publish('said', { text: `${i}` })
    await it.server.settle()
    expect(it.server.last.framesOf('publish')).toHaveLength(4)
    const [first] = it.server.last.framesOf('publish')
    it.server.intercept = () => false
    if (first) it.server.answer(first, it.server.last)
    await it.server.settle()
    expect(it.server.last.framesOf('publish')).toHaveLength(5)
  })
})

describe('refusals', () => {
  test.for(['invalid-data', 'forbidden', 'fenced', 'sequence-skipped', 'too-large'])(
    '%s is final, and the next write leaves it out',
    async (code) => {
      const it = world()
      const channel = it.client.channel(hall)
      channel.publish('said', { text: 'a' })
      await it.server.settle()
      answerWith(it, 1, error(code))
      const refused = channel.publish('said', { text: 'refused' })
      await it.server.settle()
      channel.publish('said', { text: 'c' })
      await it.server.settle()
      expect(status(refused)).toBe('refused')
      expect(sent(it)).toEqual([
        [1, 0],
        [2, 1],
        [3, 1],
      ])
      expect(log(it)).toEqual(['a', 'c'])
    },
  )

  test('[PB3] a refusal in the middle of what is under way keeps the order of the rest', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    answerWith(it, 1, error('forbidden'))
    const publications = ['refused', 'b', 'c', 'd'].map((text) => channel.publish('said', { text }))
    await it.server.settle()
    expect(publications.map(status)).toEqual(['refused', 'accepted', 'accepted', 'accepted'])
    expect(log(it)).toEqual(['b', 'c', 'd'])
  })

  test('unavailable: it and the later ones of its channel wait, and go out again in order', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    answerWith(it, 1, error('unavailable', { retryAfterMs: 3_000 }))
    const publications = ['a', 'b', 'c'].map((text) => channel.publish('said', { text }))
    const other = it.client.channel(plain({ room: 'b' })).publish('said', { text: 'x' })
    await it.server.settle()
    expect(publications.map(status)).toEqual(['queued', 'queued', 'queued'])
    expect(status(other)).toBe('accepted')
    await it.server.advance(2_900)
    expect(log(it)).toEqual([])
    await it.server.advance(100)
    expect(log(it)).toEqual(['a', 'b', 'c'])
    expect(publications.map(status)).toEqual(['accepted', 'accepted', 'accepted'])
  })

  test('without a time it waits with backoff, longer each time', async () => {
    const it = world({ chance: { fraction: () => 1, token: () => 'x' } })
    const times: number[] = []
    answerWith(it, 3, (frame) => {
      times.push(it.clock.monotonic())
      return error('internal')(frame)
    })
    it.client.channel(hall).publish('said', { text: 'a' })
    await it.server.advance(10_000, 250)
    expect(times).toEqual([0, 1_000, 3_000])
    expect(log(it)).toEqual(['a'])
  })

  test('[CN11] rate-limited: all writes pause for a moment', async () => {
    const it = world()
    answerWith(it, 1, error('rate-limited', { retryAfterMs: 5 }))
    it.client.channel(hall).publish('said', { text: 'a' })
    await it.server.settle()
    it.client.channel(plain({ room: 'b' })).publish('said', { text: 'x' })
    await it.server.advance(200, 10)
    expect([log(it), log(it, 'plain/b')]).toEqual([[], []])
    await it.server.advance(100, 10)
    expect([log(it), log(it, 'plain/b')]).toEqual([['a'], ['x']])
  })

  test('[PB3] a log that lost history takes the numbers from where it is', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    for (const text of ['a', 'b']) channel.publish('said', { text })
    await it.server.settle()
    it.server.log(hall.name).lose('e2')
    const publications = ['c', 'd', 'e'].map((text) => channel.publish('said', { text }))
    await it.server.settle()
    expect(log(it)).toEqual(['c', 'd', 'e'])
    expect(publications.map(status)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(sent(it).slice(5)).toEqual([
      [3, 0],
      [4, 3],
      [5, 4],
    ])
  })

  test('a server that says "gap" for ever is not asked in a hot loop', async () => {
    const it = world()
    let asked = 0
    answerWith(it, Number.POSITIVE_INFINITY, (frame) => {
      asked++
      return error('sequence-gap', { sequence: 0 })(frame)
    })
    it.client.channel(hall).publish('said', { text: 'a' })
    await it.server.advance(60_000, 500)
    expect(asked).toBeGreaterThan(2)
    expect(asked).toBeLessThan(20)
  })

  test('an answer that makes no sense is a later, not a loss', async () => {
    const it = world()
    answerWith(it, 1, ({ id }) => ({ type: 'ack', id, position: 'nonsense' }))
    const publication = it.client.channel(hall).publish('said', { text: 'a' })
    await it.server.advance(2_000)
    expect(status(publication)).toBe('accepted')
  })

  test('late answers to a request that was taken back say nothing', async () => {
    const it = world()
    const kept: ServerFrame[] = []
    answerWith(it, 2, (frame) => {
      if (frame.sequence === 1) return error('unavailable', { retryAfterMs: 1_000 })(frame)
      kept.push(error('forbidden')(frame))
      return undefined
    })
    const channel = it.client.channel(hall)
    const publications = ['a', 'b'].map((text) => channel.publish('said', { text }))
    await it.server.settle()
    it.server.last.send(...kept)
    await it.server.advance(2_000)
    expect(publications.map(status)).toEqual(['accepted', 'accepted'])
    expect(log(it)).toEqual(['a', 'b'])
  })
})

describe('[AU7] another person on the same client', () => {
  test('what was written before is refused, and numbers go on under the new name', async () => {
    const it = world()
    const channel = it.client.channel(hall)
    channel.publish('said', { text: 'a' })
    await it.server.settle()
    it.server.last.pair.cut()
    const before = channel.publish('said', { text: 'as A' })
    it.server.identity = '-B'
    await it.server.advance(1_000)
    expect(before.status.get()).toMatchObject({ name: 'refused', error: { code: 'forbidden' } })
    channel.publish('said', { text: 'as B' })
    await it.server.settle()
    expect(it.server.log(hall.name).entries.map(({ by, sequence }) => [by, sequence])).toEqual([
      ['you-p', 1],
      ['you-p-B', 3],
    ])
  })
})

test('a write that fails is told as a TidingsError with the field', async () => {
  const it = world()
  answerWith(it, 1, error('invalid-data', { field: 'data.text' }))
  const publication = it.client.channel(hall).publish('said', { text: 'a' })
  const refusal = await it.server.settle().then(() => publication.done.catch((error: TidingsError) => error))
  expect(refusal).toMatchObject({ code: 'invalid-data', field: 'data.text', message: 'It is invalid-data.' })
})
