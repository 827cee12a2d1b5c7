// Connections over server-sent events and requests, and what HTTP itself offers to who means no good: bodies in crumbs,
// requests behind an answer that never ends, streams that nobody reads.

import './prototypes.ts'
import { describe, expect, it } from 'vitest'
import type { Raw } from './raw.ts'
import { range, until } from './until.ts'
import { OWN_GROWTH, Victim } from './victim.ts'

const request = (line: string, headers = 'content-length: 0') =>
  `${line} HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`
const statuses = ({ text }: Raw) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)

describe('HTTP that is well-formed and never ends', () => {
  it('[row 10] bodies in chunks of one byte cost what whole ones cost', { timeout: 30_000 }, async () => {
    const victim = await Victim.start({ limits: { helloTimeoutMs: 3_000 } })
    const before = await victim.memory()
    const crumbs = '1\r\na\r\n'.repeat(250_000)
    const raws = range(1, 7).map(() => {
      const raw = victim.tcp()
      raw.write(request('POST /v1/stream/nobody?n=1', 'transfer-encoding: chunked') + crumbs)
      return raw
    })
    let most = 0
    await until(async () => {
      most = Math.max(most, (await victim.memory()).rss - before.rss)
      return raws.every((raw) => raw.text.includes('HTTP/1.1 408'))
    })
    expect(most).toBeLessThan(2 * OWN_GROWTH)
  })

  it.each([
    ['a stream', request('POST /v1/stream')],
    [
      'a stream of events',
      request('GET /v1/channels/note%2Flobby/events?after=start', 'accept: text/event-stream'),
    ],
  ])('[row 43] who asks on and on behind %s is hung up on', { timeout: 30_000 }, async (_what, first) => {
    const victim = await Victim.start()
    const before = await victim.memory()
    const raw = victim.tcp()
    raw.write(first)
    await raw.when(() => raw.text.includes('200 OK'), 'the stream')
    raw.write(request('GET /healthz').repeat(100_000))
    await raw.ended
    expect((await victim.memory()).rss - before.rss).toBeLessThan(OWN_GROWTH)
    expect(statuses(raw)).toEqual(['200'])
  })

  it('[row 43] a hundred requests at once are answered, each in its turn', async () => {
    const victim = await Victim.start()
    const raw = victim.tcp()
    raw.write(request('GET /healthz').repeat(100))
    await raw.when(() => statuses(raw).length === 100, 'a hundred answers')
    expect(new Set(statuses(raw))).toEqual(new Set(['200']))
  })
})
