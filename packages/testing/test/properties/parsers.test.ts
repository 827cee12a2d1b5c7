// No text, whoever sent it, makes what reads it throw, hang, grow or change what every object inherits.

import '../hostile/prototypes.ts'
import { EventStreamReader, type StreamEvent } from '@tidings/client/sse'
import {
  clientFrames,
  decodeMessage,
  defaultDecodeLimits,
  formatPosition,
  joinFrames,
  parseClientFrame,
  parsePosition,
  parseServerFrame,
  serverFrames,
  TidingsError,
} from '@tidings/core'
import { jwtAuthenticator } from '@tidings/server'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { problemError } from '../../../cli/src/api.ts'
import { contract } from '../hostile/contract.ts'
import { PROTOTYPE_NAMES } from '../hostile/prototypes.ts'

const RUNS = { numRuns: 1_000 }

/** JSON with everything that objects inherit among its keys. */
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(fc.oneof(fc.constantFrom(...PROTOTYPE_NAMES), fc.string({ maxLength: 6 })), tie('value')),
        { maxLength: 4 },
      )
      .map(fromPairs),
  ),
})).value

function fromPairs(pairs: readonly (readonly [string, unknown])[]): unknown {
  const text = pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value) ?? 'null'}`)
  return JSON.parse(`{${text.join()}}`)
}

/** Text made of the pieces that JSON is made of, in any order. */
const almostJson = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\',
        'null',
        '1e999',
        '-0',
        '"type"',
        '"hello"',
        '\\u0000',
        '\\ud800',
        ' ',
      ),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(''))
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  almostJson,
  json.map((value) => JSON.stringify(value) ?? ''),
)

describe('the codec', () => {
  it('gives every text its values, or a problem', () => {
    fc.assert(
      fc.property(text, (each) => {
        const decoded = decodeMessage(each)
        if (!decoded.ok) return void expect(['bad-frame', 'too-large']).toContain(decoded.problem)
        const value: unknown = JSON.parse(each)
        expect(decoded.values).toEqual(Array.isArray(value) ? value : [value])
      }),
      RUNS,
    )
  })

  it('lets through what nests as deep as it may, and holds as much, and nothing beyond', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 400 }),
        fc.boolean(),
        (depth, keys, isObject) => {
          const limits = { maxLength: 100_000, maxDepth: 32, maxKeys: 200 }
          const deep = isObject
            ? `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
            : `${'['.repeat(depth)}1${']'.repeat(depth)}`
          expect(decodeMessage(deep, limits).ok).toBe(depth <= 32)
          const wide = `[${Array.from({ length: keys }, () => '1').join()}]`
          expect(decodeMessage(wide, limits).ok).toBe(keys <= 200)
          // Brackets in text are text.
          expect(
            decodeMessage(JSON.stringify({ a: '[{'.repeat(depth), b: ']},'.repeat(keys) }), limits).ok,
          ).toBe(true)
        },
      ),
      RUNS,
    )
  })

  it('takes apart what it has put together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ type: fc.string(), data: json }), { minLength: 1, maxLength: 5 }),
        (frames) => {
          const decoded = decodeMessage(joinFrames(frames.map((frame) => JSON.stringify(frame))))
          expect(decoded).toEqual({ ok: true, values: JSON.parse(JSON.stringify(frames)) })
        },
      ),
      RUNS,
    )
  })

  it('needs no more time than the length of the text', () => {
    for (const piece of [
      '[',
      '{"a":',
      '"',
      '\\',
      '"\\',
      ',',
      '[]',
      '{}',
      '"a",',
      '1,',
      ' ',
      '\u0000',
      '"\\u',
    ]) {
      const long = piece.repeat(Math.floor(defaultDecodeLimits.maxLength / piece.length))
      const began = performance.now()
      for (let i = 0; i < 20; i++) decodeMessage(long)
      expect(performance.now() - began).toBeLessThan(1_000)
    }
  })
})

describe('frames', () => {
  const tables = [
    ['the client’s', clientFrames, parseClientFrame],
    ['the server’s', serverFrames, parseServerFrame],
  ] as const

  it.each(tables)('%s table says yes or no to any value, and names the field', (_whose, table, parse) => {
    const types = fc.oneof(
      fc.constantFrom(...Object.keys(table), ...PROTOTYPE_NAMES),
      fc.string({ maxLength: 5 }),
    )
    const fields = [
      'id',
      'channel',
      'after',
      'state',
      'lane',
      'frames',
      'token',
      'producer',
      'subscribe',
      'sequence',
      'entries',
      'members',
      'position',
      'code',
    ]
    const frame = fc
      .tuple(
        types,
        fc.dictionary(
          fc.oneof(fc.constantFrom(...fields), fc.string({ maxLength: 4 })),
          fc.oneof(json, fc.anything()),
          { maxKeys: 8 },
        ),
      )
      .map(([type, rest]) => ({ ...rest, type }))
    fc.assert(
      fc.property(fc.oneof(frame, fc.anything(), json), (value) => {
        const parsed = parse(value)
        if (parsed.ok) expect(Object.hasOwn(table, parsed.frame.type)).toBe(true)
        else expect(parsed.message.length).toBeLessThan(400)
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('positions', () => {
  it('are read back as they were written, and nothing else is one', () => {
    const word = fc.string({ unit: fc.constantFrom(...'0123456789abcXYZ'), minLength: 1, maxLength: 32 })
    fc.assert(
      fc.property(word, fc.maxSafeInteger(), word, (epoch, any, tag) => {
        const offset = Math.abs(any)
        const position = { epoch, offset, tag: offset === 0 ? '' : tag }
        expect(parsePosition(formatPosition(position))).toEqual(position)
      }),
      RUNS,
    )
    const almost = fc.array(
      fc.oneof(
        fc.constantFrom(':', '0', '1', '-', 'e', 't', '9007199254740993', ' ', '\n'),
        fc.string({ maxLength: 3 }),
      ),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          almost.map((pieces) => pieces.join('')),
        ),
        (each) => {
          const position = parsePosition(each)
          if (position) expect(formatPosition(position)).toBe(each)
        },
      ),
      RUNS,
    )
  })

  it('are looked at in a moment, however long the text', () => {
    for (const long of [
      '0'.repeat(1_000_000),
      'a'.repeat(1_000_000),
      ':'.repeat(1_000_000),
      `e:${'1'.repeat(1_000_000)}:t`,
    ]) {
      const began = performance.now()
      expect(parsePosition(long)).toBeUndefined()
      expect(performance.now() - began).toBeLessThan(200)
    }
  })
})

describe('names of channels', () => {
  it('resolve to themselves or to nothing', () => {
    const piece = fc.oneof(
      fc.constantFrom('note', 'tally', '/', '..', '.', ':room', '*', '', '%2f', ...PROTOTYPE_NAMES),
      fc.string({ maxLength: 5 }),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('/')),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (name) => {
          const ref = contract.resolve(name)
          if (!ref) return
          expect(ref.name).toBe(name)
          expect(name).toMatch(/^(note|tally|brief|pile)\/[\w~@+=.:-]+$/)
          expect(Object.keys(ref.params)).toEqual(['room'])
        },
      ),
      { numRuns: 3_000 },
    )
  })
})

describe('event streams', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '',
      ':',
      ': comment',
      'data',
      'data:',
      'data: ',
      'id',
      'id: e:1:t',
      'id: \0',
      'retry: 5',
      'retry: -1',
      'event: message',
      'event',
      'unknown: x',
      ' data: x',
    ),
    fc.string({ maxLength: 12 }).map((value) => `data: ${value}`),
    fc.string({ maxLength: 12 }),
  )
  const stream = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\n\n')), { maxLength: 30 })
    .map((lines) => lines.flat().join(''))

  it('say the same, however they are cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.oneof(stream, fc.string({ unit: 'binary', maxLength: 200 })),
        fc.array(fc.integer({ min: 1, max: 20 })),
        (whole, cuts) => {
          const once = new EventStreamReader()
          const expected = once.push(whole)
          const cut = new EventStreamReader()
          const events: StreamEvent[] = []
          let at = 0
          for (const length of cuts) {
            events.push(...cut.push(whole.slice(at, at + length)))
            at += length
          }
          events.push(...cut.push(whole.slice(at)))
          expect(events).toEqual(expected)
          expect([cut.lastId, cut.retryMs]).toEqual([once.lastId, once.retryMs])
        },
      ),
      RUNS,
    )
  })

  it('that end no line, or no event, are given up before they fill memory, and before they take long', () => {
    for (const piece of [
      'x',
      'data: x\n',
      'data\n',
      `id: ${'x'.repeat(20)}`,
      'data: ',
      '\r',
      'event: x'.repeat(1_000),
    ]) {
      const reader = new EventStreamReader()
      const began = performance.now()
      // As far as the bound in pieces of a few characters, then faster: a line may be mostly its name.
      const pushed = piece.length > 100 ? piece : piece.repeat(Math.ceil(100 / piece.length))
      expect(() => {
        for (let sent = 0; sent < 4_000_000; sent += piece.length * 8) reader.push(piece.repeat(8))
        for (let sent = 0; sent < 30_000_000; sent += pushed.length) reader.push(pushed)
      }, piece).toThrow(RangeError)
      // Were each piece looked at together with all before it, this would take minutes.
      expect(performance.now() - began).toBeLessThan(20_000)
    }
  })
})

describe('answers of servers, as the command line reads them', () => {
  it('become an error of ours, whatever they say', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(fc.constantFrom('code', 'detail', 'field', 'status', ...PROTOTYPE_NAMES), fc.string()),
          json,
        ),
        fc.integer(),
        (problem, status) => {
          const error = problemError(problem, { channel: 'note/a', status, retryAfterMs: undefined })
          expect(error).toBeInstanceOf(TidingsError)
          expect(typeof error.message).toBe('string')
          expect(['never', 'later', 'new-token']).toContain(error.retry)
        },
      ),
      RUNS,
    )
  })
})

describe('tokens', () => {
  it('of any text are nobody’s, and never an error', async () => {
    const check = jwtAuthenticator({ algorithms: ['HS256'], secret: 's'.repeat(32) })
    const part = fc.oneof(
      json.map((value) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url')),
      fc
        .dictionary(
          fc.constantFrom(
            'alg',
            'kid',
            'crit',
            'b64',
            'jku',
            'jwk',
            'x5c',
            'typ',
            'zip',
            'sub',
            'exp',
            'nbf',
            'aud',
          ),
          fc.oneof(json, fc.constantFrom('HS256', 'none', 'RS256', 'dir')),
        )
        .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
      fc.string({ maxLength: 20 }),
    )
    const hostile = fc.oneof(
      fc.string({ maxLength: 100 }),
      fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(hostile, async (token) => {
        expect(await check({ token, cookies: {}, origin: undefined, address: '127.0.0.1' })).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })
})
