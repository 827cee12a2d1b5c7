import {
  backoffBoundMs,
  backoffDelayMs,
  decodeMessage,
  defaultBackoff,
  defaultDecodeLimits,
  Emitter,
  formatPosition,
  isSamePosition,
  joinFrames,
  parsePosition,
} from '@tidings/core'
import { seededChance } from '@tidings/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

describe('a position', () => {
  const word = fc.stringMatching(/^[0-9A-Za-z]{1,32}$/)

  test('is the same after it was written and read', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), word, (epoch, offset, tag) => {
        expect(parsePosition(formatPosition({ epoch, offset, tag }))).toEqual({ epoch, offset, tag })
      }),
    )
    expect(parsePosition('e:0:')).toEqual({ epoch: 'e', offset: 0, tag: '' })
  })

  test('that is read from anything else is none, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const position = parsePosition(text)
        if (position) expect(formatPosition(position)).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })
})

test('positions are the same where all three parts are', () => {
  const position = { epoch: 'e', offset: 7, tag: 't' }
  expect(isSamePosition(position, { ...position })).toBe(true)
  for (const other of [{ epoch: 'f' }, { offset: 8 }, { tag: 'u' }])
    expect(isSamePosition(position, { ...position, ...other })).toBe(false)
})

describe('a message', () => {
  test('[CN2] is one frame, or a list of them', () => {
    const frames = ['{"type":"ping"}', '{"type":"pong"}']
    expect(decodeMessage(joinFrames(frames.slice(0, 1)))).toEqual({ ok: true, values: [{ type: 'ping' }] })
    expect(decodeMessage(joinFrames(frames))).toEqual({
      ok: true,
      values: [{ type: 'ping' }, { type: 'pong' }],
    })
  })

  test('[CN5] is measured in depth and width before it is parsed, and brackets in strings do not count', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(decodeMessage(nested(defaultDecodeLimits.maxDepth)).ok).toBe(true)
    expect(decodeMessage(nested(defaultDecodeLimits.maxDepth + 1))).toMatchObject({
      ok: false,
      problem: 'bad-frame',
    })
    expect(decodeMessage(JSON.stringify('[{"\\'.repeat(1_000))).ok).toBe(true)
    // What a string holds counts for nothing, wherever its quotes and backslashes are; what follows it counts.
    const deep = nested(defaultDecodeLimits.maxDepth)
    for (const quoted of ['', '"', '\\', '\\"', '"\\', '\\\\', '"\\\\"'].map((text) =>
      JSON.stringify(text + deep + text),
    )) {
      expect(decodeMessage(quoted).ok).toBe(true)
      expect(decodeMessage(`[${quoted},${deep}]`).ok).toBe(false)
    }
    expect(decodeMessage(`[${'1,'.repeat(20_000)}1]`)).toMatchObject({ ok: false, problem: 'bad-frame' })
  })

  test('decodes to what JSON.parse says, or to a problem, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
        const decoded = decodeMessage(text)
        if (!decoded.ok) return
        const value: unknown = JSON.parse(text)
        expect(decoded.values).toEqual(Array.isArray(value) ? value : [value])
      }),
    )
  })
})

describe('backoff', () => {
  test('doubles its bound from one second to thirty, and draws from all of it', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffBoundMs(defaultBackoff, attempt))
    expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    const chance = seededChance(1)
    const drawn = Array.from({ length: 1_000 }, () => backoffDelayMs(defaultBackoff, 3, chance))
    expect(Math.min(...drawn)).toBeLessThan(100)
    expect(Math.max(...drawn)).toBeGreaterThan(3_900)
    expect(Math.max(...drawn)).toBeLessThanOrEqual(4_000)
  })
})

describe('listeners', () => {
  test('that throw or leave in the middle hurt nobody else', () => {
    const thrown: unknown[] = []
    const heard: string[] = []
    const emitter = new Emitter<[string]>((error) => thrown.push(error))
    emitter.on((text) => {
      heard.push(`first ${text}`)
      leave()
      emitter.on((late) => heard.push(`late ${late}`))
      throw new Error('first')
    })
    const leave = emitter.on((text) => heard.push(`second ${text}`))
    emitter.on((text) => heard.push(`third ${text}`))
    emitter.emit('a')
    expect(heard).toEqual(['first a', 'third a'])
    expect(thrown).toEqual([new Error('first')])
  })
})
