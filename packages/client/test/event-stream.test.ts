import { EventStreamReader } from '@tidings/client/sse'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const stream = [
  '\uFEFF: a comment\n',
  'id: a:1:x\ndata: {"text":"one"}\n\n',
  'event: reset\r\nid: a:2:y\r\ndata: {"reason":"trimmed"}\r\n\r\n',
  'data: first\ndata:second\n\n',
  'id: a:3:z\n\n',
  ':\n\nretry: 1000\ndata\n\n',
  'data: unfinished\n',
].join('')

const events = [
  { event: 'message', id: 'a:1:x', data: '{"text":"one"}' },
  { event: 'reset', id: 'a:2:y', data: '{"reason":"trimmed"}' },
  { event: 'message', id: 'a:2:y', data: 'first\nsecond' },
  { event: 'message', id: 'a:3:z', data: '' },
]

describe('an event stream', () => {
  it('gives fields, comments, line ends and unfinished events as the standard says', () => {
    expect(new EventStreamReader().push(stream)).toEqual(events)
  })

  it('tells where to go on from, also before the first event, and when to come back', () => {
    const reader = new EventStreamReader()
    reader.push('retry: 2500\nid: a:0:\n')
    expect(reader.lastId).toBe('')
    reader.push('\nid: a:1:x\n')
    expect({ lastId: reader.lastId, retryMs: reader.retryMs }).toEqual({ lastId: 'a:0:', retryMs: 2_500 })
  })

  it('gives the same however it was cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const reader = new EventStreamReader()
        const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
        const read = places.slice(1).flatMap((end, i) => reader.push(stream.slice(places[i], end)))
        expect(read).toEqual(events)
      }),
    )
  })

  it('does not keep a line without end', () => {
    const reader = new EventStreamReader()
    expect(() => {
      for (let i = 0; i < 100; i++) reader.push('x'.repeat(100_000))
    }).toThrow(/a line of more than/)
  })
})
