// Readers that come back from anywhere: with positions that are none, at the edge of what is kept, in the middle of
// what happens. Over both logs.

import './prototypes.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatPosition, parsePosition } from '@tidings/core'
import type { Broker } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { sqliteBroker } from '@tidings/server/sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventsPath } from './contract.ts'
import type { Raw } from './raw.ts'
import { Target, type TargetOptions } from './target.ts'
import { range, until } from './until.ts'

async function onDisk(): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-hostile-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return sqliteBroker({ file: join(folder, 'log.db') })
}

const brokers: Readonly<Record<string, () => Broker | Promise<Broker>>> = {
  memory: memoryBroker,
  SQLite: onDisk,
}

describe.each(Object.keys(brokers))('on %s', (kind) => {
  const start = async (options: TargetOptions = {}) =>
    Target.start({ broker: await (brokers[kind] as () => Promise<Broker>)(), ...options })

  /** The verdict, and every offset up to the head. */
  async function resume(target: Target, channel: string, after: string, head: number): Promise<Raw> {
    const raw = await target.welcomed({ subscribe: [{ id: 1, channel, after }] })
    await raw.heard('live')
    const from = parsePosition(raw.of('subscribed')[0]?.position ?? '')?.offset ?? 0
    expect(raw.offsets(channel)).toEqual(range(from + 1, head))
    expect(parsePosition(raw.of('live')[0]?.position ?? '')?.offset).toBe(head)
    return raw
  }

  it.each([
    '',
    'x',
    ':',
    '::',
    'e:1',
    'e:-1:t',
    'e:1.5:t',
    'e:1e3:t',
    'e:01:t',
    'e: 1:t',
    'e:٣:t',
    'e:9007199254740993:t',
    'e:99999999999999999999:t',
    'e:NaN:t',
    'e:Infinity:t',
    'e:0:t',
    'e:1:',
    'e:1:t:x',
    'e:1:t\n',
    'é:1:t',
    `${'e'.repeat(33)}:1:t`,
    `e:1:${'t'.repeat(33)}`,
    'now ',
    'Start',
    'null',
    '0',
  ])('[row 25] “%s” is no position: an error, and no entry', async (after) => {
    const target = await start()
    await target.fill('note/lobby', 3)
    const raw = await target.welcomed()
    raw.say({ type: 'subscribe', id: 1, channel: 'note/lobby', after })
    expect((await raw.heard('error')).code).toBe(after === '' ? 'bad-frame' : 'bad-position')
    expect(raw.of('entries')).toEqual([])
    const answer = await target.get(`${eventsPath('note/lobby')}?after=${encodeURIComponent(after)}`)
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'bad-position'])
  })

  it('[row 25] [SB4] a position of another history, channel or future is a reset with its cause, never a part of the list', async () => {
    const target = await start()
    await target.fill('note/lobby', 5)
    await target.fill('note/other', 9)
    const [lobby, other] = await Promise.all(['note/lobby', 'note/other'].map((name) => target.read(name)))
    const head = parsePosition(lobby?.position ?? '')
    const elsewhere = other?.entries[2]
    if (!head || !elsewhere) throw new Error('nothing to begin with')
    const { epoch, tag } = head
    const hostile = {
      epoch: { ...head, epoch: 'another' },
      ahead: { ...head, offset: 6 },
      fork: { epoch, offset: 3, tag: elsewhere.tag },
    } as const
    const far = { epoch, offset: 2 ** 53 - 1, tag }
    const wrongTag = { epoch, offset: 5, tag: 'wrong' }
    for (const [reason, position] of [
      ...Object.entries(hostile),
      ['ahead', far],
      ['fork', wrongTag],
    ] as const) {
      const raw = await resume(target, 'note/lobby', formatPosition(position), 5)
      expect(raw.of('subscribed')[0]).toMatchObject({
        verdict: 'reset',
        reason,
        position: lobby?.position,
        behind: 0,
      })
      const answer = await target.get(`${eventsPath('note/lobby')}?after=${formatPosition(position)}`)
      expect([answer.status, await answer.json()]).toMatchObject([
        410,
        { code: 'reset', reason, position: lobby?.position },
      ])
    }
    const raw = await resume(target, 'note/lobby', `${epoch}:0:`, 5)
    expect(raw.of('subscribed')[0]).toMatchObject({ verdict: 'resumed', behind: 5 })
  })

  it('[row 26] [SB3] [SB4] at the edge of what is kept a reader resumes whole or is reset, one entry either way', async () => {
    const target = await start({ limits: { tailEntries: 1 } })
    const positions: string[] = []
    for (let i = 0; i < 20; i++) {
      await target.fill('brief/x', 10)
      const { entries } = await target.read('brief/x')
      const [epoch] = (await target.read('brief/x')).position.split(':')
      for (const { offset, tag } of entries) positions[offset] = `${epoch}:${offset}:${tag}`
    }
    const oldest = (await target.read('brief/x')).entries[0]?.offset ?? 0
    expect(oldest).toBeGreaterThan(50)
    let resumed = 0
    for (const offset of range(oldest - 3, oldest + 3)) {
      const raw = await resume(target, 'brief/x', positions[offset] as string, 200)
      const subscribed = raw.of('subscribed')[0]
      if (subscribed?.verdict === 'resumed') resumed++
      else expect(subscribed).toMatchObject({ verdict: 'reset', reason: 'trimmed', position: positions[200] })
      // What is kept proves itself.
      if (offset >= oldest) expect(subscribed).toMatchObject({ verdict: 'resumed', behind: 200 - offset })
    }
    expect(resumed).toBeGreaterThanOrEqual(4)
    const start_ = await resume(target, 'brief/x', 'start', 200)
    expect(start_.offsets('brief/x')[0]).toBe(oldest)
  })

  it('[row 27] [SB8] history that is trimmed under a reader in the middle of a page is a reset, never a hole', async () => {
    const target = await start({ limits: { tailEntries: 1, pageEntries: 3, highWaterBytes: 20_000 } })
    await target.fill('brief/x', 60, 'x'.repeat(2_000))
    for (let round = 0; round < 5; round++) {
      const raw = await target.upgraded()
      raw.say({ type: 'hello', producer: 'p', subscribe: [{ id: 1, channel: 'brief/x', after: 'start' }] })
      // The pages come while the log goes on and lets go of what they are about.
      await target.fill('brief/x', 200, 'x'.repeat(2_000))
      await raw.heard('live')
      await target.fill('brief/x', 3)
      const head = parsePosition((await target.read('brief/x', 'after=now')).position)?.offset ?? 0
      await raw.when(() => raw.offsets('brief/x').at(-1) === head, 'the newest entry')
      let at = parsePosition(raw.of('subscribed')[0]?.position ?? '')?.offset ?? Number.NaN
      for (const each of raw.said) {
        if (each.type === 'reset') {
          expect(each.reason).toBe('trimmed')
          at = parsePosition(each.position)?.offset ?? Number.NaN
        }
        if (each.type !== 'entries') continue
        for (const { offset } of each.entries) expect(offset).toBe(++at)
      }
      expect(at).toBe(head)
    }
  })

  it('[row 28] [SB6] what is published while readers come arrives once at each of them, in order', async () => {
    const target = await start({ limits: { pageEntries: 7, tailEntries: 20 } })
    await target.fill('note/lobby', 50)
    let isOver = false
    const publishing = (async () => {
      for (let i = 0; i < 150; i++) await target.fill('note/lobby', 1 + (i % 7))
      isOver = true
    })()
    const readers: Raw[] = []
    while (!isOver) {
      const middle = (await target.read('note/lobby', 'after=start&limit=20')).position
      for (const after of ['start', middle, 'now']) {
        const raw = await target.upgraded()
        raw.say({ type: 'hello', producer: 'p', subscribe: [{ id: 1, channel: 'note/lobby', after }] })
        readers.push(raw)
      }
    }
    await publishing
    const head = parsePosition((await target.read('note/lobby', 'after=now')).position)?.offset ?? 0
    for (const raw of readers) {
      const { position } = await raw.heard('subscribed')
      await raw.heard('live')
      const from = parsePosition(position)?.offset ?? Number.NaN
      await raw.when(() => raw.offsets('note/lobby').length >= head - from, `offset ${head}`)
      expect(raw.offsets('note/lobby')).toEqual(range(from + 1, head))
    }
    expect(readers.length).toBeGreaterThan(10)
  })

  it('[row 28] [SB9] subscribing anew in the middle of a burst begins anew, and neither loses nor doubles', async () => {
    const target = await start({ limits: { framesPerSecond: 100_000, frameBurst: 100_000 } })
    const raw = await target.welcomed()
    const writing = target.fill('note/lobby', 2_000)
    for (let id = 1; id <= 50; id++) {
      raw.say({ type: 'subscribe', id, channel: 'note/lobby', after: 'start' })
      await new Promise((resolve) => setImmediate(resolve))
    }
    await writing
    /** What the last subscription was given: earlier ones may have reached the head as well. */
    const offsets = () => {
      const last = raw.said.findLastIndex((each) => each.type === 'subscribed')
      return raw.said
        .slice(last)
        .flatMap((each) => (each.type === 'entries' ? each.entries.map(({ offset }) => offset) : []))
    }
    await until(() => raw.of('subscribed').at(-1)?.id === 50 && offsets().at(-1) === 2_000)
    expect(offsets()).toEqual(range(1, 2_000))
  })
})
