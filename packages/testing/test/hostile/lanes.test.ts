// Peers that share a connection, and mean to take more than their share.

import './prototypes.ts'
import { describe, expect, it } from 'vitest'
import type { Raw } from './raw.ts'
import { Target } from './target.ts'
import { range, until } from './until.ts'
import { Victim } from './victim.ts'
import { frame } from './wire.ts'

const CHANNEL = 'note/lobby'
const hello = (after = 'now') => ({
  type: 'hello',
  producer: 'p',
  subscribe: [{ id: 1, channel: CHANNEL, after }],
})

// biome-ignore lint/suspicious/noExplicitAny: frames of any kind, looked into by tests
const inLane = (raw: Raw, lane: number): any[] =>
  raw
    .of('lane')
    .filter((each) => each.lane === lane)
    .flatMap(({ frames }) => frames)

describe('lanes', () => {
  it('[row 24] [LN8] more lanes than a connection may have, or faster than it may, are refused one by one', async () => {
    const target = await Target.start({
      limits: { lanesPerConnection: 4, laneBurst: 6, lanesPerSecond: 0.001 },
    })
    const raw = await target.upgraded()
    for (const lane of range(1, 10)) raw.say({ type: 'lane', lane, frames: [hello()] })
    await until(() => raw.of('laneClosed').length === 6)
    expect(raw.of('laneClosed').map(({ code }) => code)).toEqual([4430, 4430, 4429, 4429, 4429, 4429])
    for (const lane of range(1, 4))
      expect(inLane(raw, lane).some(({ type }) => type === 'welcome')).toBe(true)
    expect(raw.closeCode).toBeUndefined()
  })

  it('[row 14] [row 25] [LN2] lanes under numbers of every kind are opened once, or are none', async () => {
    const target = await Target.start()
    const raw = await target.upgraded()
    raw.say({ type: 'lane', lane: 2 ** 53 - 1, frames: [hello()] })
    await until(() => inLane(raw, 2 ** 53 - 1).some(({ type }) => type === 'live'))
    for (const lane of [0, 1, 5, 2 ** 53 - 2]) raw.say({ type: 'lane', lane, frames: [hello()] })
    for (const lane of ['__proto__', 'constructor', -1, 1.5, null])
      raw.say({ type: 'lane', lane, frames: [hello()] })
    raw.say({ type: 'ping' })
    await raw.heard('pong')
    expect(new Set(raw.of('lane').map(({ lane }) => lane))).toEqual(new Set([2 ** 53 - 1]))
    expect(target.server.connections).toBe(1)
  })

  it('[row 17] [LN1] nothing gets around the hello, the one connection or the one level of lanes', async () => {
    const target = await Target.start()
    const publish = {
      type: 'publish',
      id: 1,
      channel: CHANNEL,
      event: 'said',
      data: { text: 'x' },
      sequence: 1,
    }
    for (const frames of [
      [publish],
      [{ type: 'lane', lane: 1, frames: [hello()] }],
      [{ type: 'subscribe', id: 1, channel: CHANNEL }],
    ]) {
      const raw = await target.upgraded()
      raw.say({ type: 'lane', lane: 1, frames })
      await until(() => raw.of('laneClosed').length === 1)
      expect(raw.of('laneClosed')[0]?.code).toBe(4400)
      raw.socket.destroy()
    }
    for (const second of [hello(), publish, { type: 'auth', token: 'ada' }]) {
      const raw = await target.upgraded()
      raw.say({ type: 'lane', lane: 1, frames: [hello()] })
      raw.say(second)
      expect(await raw.closed()).toBe(4400)
    }
    const late = await target.welcomed()
    late.say({ type: 'lane', lane: 1, frames: [hello()] })
    expect(await late.closed()).toBe(4400)
    expect((await target.read(CHANNEL)).entries).toEqual([])
  })

  it('[row 24] [LN8] a flood of lane frames ends the connection, and costs the log nothing', async () => {
    const target = await Target.start({ limits: { framesPerSecond: 5, frameBurst: 10 } })
    const raw = await target.upgraded()
    raw.say({ type: 'lane', lane: 1, frames: [{ type: 'hello', producer: 'p' }] })
    raw.write(
      Buffer.concat(
        range(1, 2_000).map((i) => frame(1, JSON.stringify({ type: 'laneRead', lane: 1, mark: i }))),
      ),
    )
    expect(await raw.closed()).toBe(4429)
    expect(await target.isWell()).toBe(true)
  })

  it('[row 43] [LN5] a lane that never says what it has read is stopped at its mark, and the others go on', async () => {
    const victim = await Victim.start()
    const raw = await victim.upgraded()
    for (const lane of [1, 2]) raw.say({ type: 'lane', lane, frames: [hello()] })
    await until(() => [1, 2].every((lane) => inLane(raw, lane).some(({ type }) => type === 'live')))
    const offsets = (lane: number) =>
      inLane(raw, lane).flatMap((each) =>
        each.type === 'entries' ? each.entries.map(({ offset }: { offset: number }) => offset) : [],
      )
    let told = 0
    const answering = () => {
      for (const { lane, mark } of raw.of('lane').slice(told))
        if (lane === 2 && mark !== undefined) raw.say({ type: 'laneRead', lane, mark })
      told = raw.of('lane').length
    }
    raw.socket.on('data', answering)
    for (let i = 0; i < 40; i++) await victim.publish(CHANNEL, Array<string>(4).fill('x'.repeat(25_000)))
    await until(() => offsets(2).length === 160)
    expect(offsets(2)).toEqual(range(1, 160))
    // A soft mark of 256 KB, and the page that crossed it.
    expect(offsets(1).length * 25_000).toBeLessThan(600_000)
    expect(inLane(raw, 1).at(-1)).toMatchObject({ type: 'behind' })
    // It may still say that it has read everything; then it gets the rest.
    raw.socket.off('data', answering)
    raw.socket.on('data', () => {
      for (const { lane, mark } of raw.of('lane').slice(told))
        if (mark !== undefined) raw.say({ type: 'laneRead', lane, mark })
      told = raw.of('lane').length
    })
    for (const { lane, mark } of raw.of('lane'))
      if (lane === 1 && mark !== undefined) raw.say({ type: 'laneRead', lane, mark })
    await until(() => offsets(1).length === 160)
    expect(offsets(1)).toEqual(range(1, 160))
  })

  it('[row 43] [LN5] marks that were never given do not make room', async () => {
    const target = await Target.start({ limits: { highWaterBytes: 20_000 } })
    const raw = await target.upgraded()
    raw.say({ type: 'lane', lane: 1, frames: [hello()] })
    await until(() => inLane(raw, 1).some(({ type }) => type === 'live'))
    for (let i = 0; i < 20; i++) {
      raw.say({ type: 'laneRead', lane: 1, mark: [2 ** 53 - 1, 1, 0, 10_000_000][i % 4] })
      await target.fill(CHANNEL, 10, 'x'.repeat(1_000))
    }
    raw.say({ type: 'ping' })
    await raw.heard('pong')
    const got = inLane(raw, 1).filter(({ type }) => type === 'entries').length * 10_000
    expect(got).toBeLessThan(60_000)
  })
})
