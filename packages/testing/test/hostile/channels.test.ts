// Peers that ask for channels that are none, that are not theirs, or that are too many.

import './prototypes.ts'
import type { Broker } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { describe, expect, it } from 'vitest'
import { eventsPath, KEY } from './contract.ts'
import { Target } from './target.ts'
import { range, until } from './until.ts'
import { frame } from './wire.ts'

const NAMES: Readonly<Record<string, string>> = {
  'ten thousand characters': `note/${'x'.repeat(10_000)}`,
  'one character too many': `note/${'x'.repeat(251)}`,
  NUL: 'note/a\0b',
  'a step up': 'note/..',
  'a step up in the middle': 'note/../note/a',
  'a step nowhere': 'note/.',
  'an empty room': 'note/',
  'an empty kind': '/lobby',
  'a slash too many': 'note//lobby',
  'a slash at the end': 'note/lobby/',
  'a star': 'note/*',
  'an arrow': 'note/>',
  'a hash': 'note/#',
  'white space': 'note/a b',
  'a line of its own': 'note/a\r\nx: y',
  'a tab': 'note/\t',
  braces: 'note/{x}',
  'a percent sign': 'note/%2e%2e',
  'a Cyrillic а': 'note/l\u043ebby',
  'a full-width slash': 'note／lobby',
  'an é in one piece': 'note/caf\u00e9',
  'an é in two': 'note/cafe\u0301',
  'half a surrogate pair': 'note/\ud800',
  'a mark that turns the text round': 'note/\u202eybbol',
  capitals: 'NOTE/lobby',
  'a backslash': 'note\\lobby',
  'a question': 'note/a?b',
  quotes: `note/'"`,
  'an alphabet beyond the plane': 'note/𝓁obby',
  'a parameter': 'note/:room ',
}

describe('names of channels', () => {
  it.each(Object.entries(NAMES))('[row 22] %s is no channel, on every way in', async (_what, name) => {
    const target = await Target.start()
    const raw = await target.welcomed()
    for (const each of [
      { type: 'subscribe', id: 1 },
      { type: 'publish', id: 2, event: 'said', data: { text: 'x' }, sequence: 1 },
      { type: 'enter', id: 3, state: { name: 'x' } },
      { type: 'call', id: 4, name: 'shout', data: { text: 'x' } },
      { type: 'signal', name: 'typing', data: { at: 1 } },
      { type: 'leave' },
      { type: 'unsubscribe', id: 5 },
    ]) {
      raw.say({ ...each, channel: name })
    }
    raw.say({ type: 'ping' })
    await raw.heard('pong')
    const codes = raw.of('error').map(({ code }) => code)
    expect(codes.length).toBeGreaterThanOrEqual(5)
    for (const code of codes) expect(['unknown-channel', 'bad-frame']).toContain(code)
    const hello = await target.upgraded()
    hello.say({
      type: 'hello',
      producer: 'p',
      subscribe: [
        { id: 1, channel: name },
        { id: 2, channel: 'note/fine' },
      ],
    })
    await hello.when(() => hello.closeCode !== undefined || hello.of('live').length > 0, 'an answer')
    expect(hello.of('subscribed').map(({ channel }) => channel)).toEqual(
      name.length > 255 ? [] : ['note/fine'],
    )
    if (!name.includes('\ud800')) {
      const answer = await target.get(eventsPath(name))
      expect([400, 404, 431]).toContain(answer.status)
      expect((await target.post(name, { type: 'said', data: { text: 'x' } })).status).toBe(answer.status)
    }
    expect(target.happenings.filter(({ name: what }) => what === 'fault' || what === 'appended')).toEqual([])
  })

  it.each([
    'note%252Flobby',
    'note%2f..%2fnote%2flobby',
    '%00',
    '%',
    '%zz',
    '%c0%af',
    '%ed%a0%80',
    'note%2Flobby%2F..',
    '..%2fnote',
    'note/lobby',
    '',
  ])('[row 22] [HT1] the segment %s is no channel', async (segment) => {
    const target = await Target.start()
    const head = `GET /v1/channels/${segment}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\nconnection: close\r\n\r\n`
    expect(await target.exchange(head)).toMatch(/^HTTP\/1\.1 (400|404) /)
  })
})

describe('channels of somebody else', () => {
  it('[row 23] [HT9] a key for chat 1 is none for chat 10, nor for what is below it', async () => {
    const target = await Target.start({ apiKeys: [{ key: 'narrow', channels: ['note/1', 'tally/:room'] }] })
    const ask = async (name: string) => {
      const answer = await fetch(`${target.origin}${eventsPath(name)}`, {
        headers: { authorization: 'Bearer narrow' },
      })
      return answer.status
    }
    expect(await ask('note/1')).toBe(200)
    expect(await ask('tally/anything')).toBe(200)
    for (const name of ['note/10', 'note/11', 'note/1a', 'brief/1']) expect(await ask(name)).toBe(403)
    for (const name of ['note/1/admin', 'note/1:admin/x', 'tally/a/b']) expect(await ask(name)).toBe(404)
    // A letter and a colon are names of rooms like any other.
    expect(await ask('note/1:admin')).toBe(403)
  })

  it('[row 23] [AU3] who may not is told the same of a channel that has entries and of one that has none', async () => {
    const target = await Target.start({ authorize: ({ channel }) => channel === 'note/1' })
    await target.server.publish(
      { name: 'note/10', params: {}, definition: {} as never } as never,
      'said' as never,
      { text: 'x' } as never,
    )
    const raw = await target.welcomed()
    const refusals = []
    for (const [i, channel] of ['note/10', 'note/11'].entries()) {
      raw.say({ type: 'subscribe', id: i, channel, after: 'start' })
      await raw.heard('error', i + 1)
      refusals.push(JSON.stringify({ ...raw.of('error')[i], id: 0, channel: '' }))
    }
    expect(refusals[0]).toBe(refusals[1])
    expect(raw.text).not.toContain('"position"')
  })
})

/** A broker that counts who listens. */
function counted(): { readonly broker: Broker; readonly asked: { attach: number } } {
  const inner = memoryBroker()
  const asked = { attach: 0 }
  const broker: Broker = {
    append: (request) => inner.append(request),
    read: (...args) => inner.read(...args),
    head: (channel) => inner.head(channel),
    attach(...args) {
      asked.attach++
      return inner.attach(...args)
    },
    problem: () => inner.problem(),
    close: () => inner.close(),
    snapshots: inner.snapshots,
  }
  return { broker, asked }
}

describe('more channels than anybody needs', () => {
  it('[row 24] [SB11] a hundred thousand subscribes on one socket hold 128 channels, and then nothing', async () => {
    const { broker, asked } = counted()
    const target = await Target.start({
      broker,
      limits: { framesPerSecond: 10_000_000, frameBurst: 10_000_000 },
    })
    const raw = await target.welcomed()
    for (let first = 0; first < 100_000; first += 400) {
      raw.write(
        frame(
          1,
          JSON.stringify(
            range(first, first + 399).map((id) => ({ type: 'subscribe', id, channel: `note/${id}` })),
          ),
        ),
      )
      // One that reads: its answers are not what this test is about.
      await raw.heard('error', Math.max(0, first + 400 - 128))
    }
    expect(raw.of('subscribed')).toHaveLength(128)
    expect(new Set(raw.of('error').map(({ code }) => code))).toEqual(new Set(['too-many-channels']))
    expect(asked.attach).toBe(128)
    expect(raw.closeCode).toBeUndefined()
  })

  it('[row 24] [CN11] at the speed of an attack it is refused, then closed', async () => {
    const { broker, asked } = counted()
    const target = await Target.start({ broker })
    const raw = await target.welcomed()
    let id = 0
    const began = performance.now()
    while (raw.closeCode === undefined && !raw.isOver && performance.now() - began < 15_000) {
      raw.write(
        frame(
          1,
          JSON.stringify(range(1, 200).map(() => ({ type: 'subscribe', id: ++id, channel: `note/${id}` }))),
        ),
      )
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect([4429, 4431]).toContain(raw.closeCode)
    expect(asked.attach).toBeLessThanOrEqual(128)
  })

  it('[row 24] [SB10] subscribing and leaving ten thousand times costs the log one attachment', async () => {
    const { broker, asked } = counted()
    const target = await Target.start({
      broker,
      limits: { framesPerSecond: 10_000_000, frameBurst: 10_000_000 },
    })
    await target.fill('note/lobby', 10)
    const raw = await target.welcomed()
    for (let i = 0; i < 10_000; i += 100) {
      const flapping = range(i, i + 99).flatMap((id) => [
        { type: 'subscribe', id: 2 * id, channel: 'note/lobby', after: 'start' },
        { type: 'unsubscribe', id: 2 * id + 1, channel: 'note/lobby' },
      ])
      raw.say(flapping)
      await raw.heard('unsubscribed', i + 100)
    }
    expect(asked.attach).toBe(1)
    const before = raw.frames.length
    await target.fill('note/lobby', 10)
    expect(raw.frames.length).toBe(before)
  })

  it('[row 24] [SB9] subscribing to the same channel over and over holds one cursor', async () => {
    const { broker, asked } = counted()
    const target = await Target.start({
      broker,
      limits: { framesPerSecond: 10_000_000, frameBurst: 10_000_000 },
    })
    const raw = await target.welcomed()
    raw.say(range(1, 400).map((id) => ({ type: 'subscribe', id, channel: 'note/lobby' })))
    await until(() => raw.of('live').length > 0 && raw.of('subscribed').at(-1)?.id === 400)
    await target.fill('note/lobby', 5)
    await until(() => raw.offsets('note/lobby').length >= 5)
    expect(raw.offsets('note/lobby')).toEqual(range(1, 5))
    expect(asked.attach).toBe(1)
    expect(await target.server.metrics()).toContain('tidings_subscriptions_live 1\n')
  })
})
