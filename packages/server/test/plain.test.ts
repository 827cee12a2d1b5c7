// Plain endpoints over real sockets: what a client that knows nothing of Tidings sees.

import { plainEndpoint } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { describe, expect, it } from 'vitest'
import { type Dialled, note, Rim, until } from './rim.ts'

const endpoints = [
  plainEndpoint('/ws/notes/:room', {
    channels: ({ room }) => note({ room }),
    publish: ({ room }, event) => (event === 'said' ? note({ room }) : undefined),
  }),
  plainEndpoint('/ws/stamped/:room', { channels: ({ room }) => note({ room }), shape: 'payload' }),
  plainEndpoint('/ws/later/:room', { channels: ({ room }) => note({ room }), token: 'message' }),
  plainEndpoint('/ws/both', { channels: () => [note({ room: 'a' }), note({ room: 'b' })] }),
]

const start = (options: Parameters<typeof Rim.start>[0] = {}) => Rim.start({ plain: endpoints, ...options })

/** What a plain client has been told. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
function told({ text }: Dialled): any[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

async function open(rim: Rim, path = '/ws/notes/lobby?token=user:ada', options = {}): Promise<Dialled> {
  const dialled = rim.dial(options, [], path)
  await dialled.opened
  // The answer to a ping says that everything before it has been worked off.
  dialled.send({ type: 'ping', data: 'ready' })
  await until(() => dialled.text.includes('"ready"'))
  return dialled
}

const say = (rim: Rim, text: string, room = 'lobby') => rim.server.publish(note({ room }), 'said', { text })

describe('what a plain client is told', () => {
  it('[PL3] each event as one message of type and data, in order', async () => {
    const rim = await start()
    await say(rim, 'before')
    const reader = await open(rim)
    for (const text of ['one', 'two', 'three']) await say(rim, text)
    await until(() => told(reader).length === 4)
    expect(told(reader).slice(1)).toEqual([
      { type: 'said', data: { text: 'one' } },
      { type: 'said', data: { text: 'two' } },
      { type: 'said', data: { text: 'three' } },
    ])
  })

  it('[PL3] or with payload, time and an id, which is a position to go on from', async () => {
    const rim = await start()
    const reader = await open(rim, '/ws/stamped/lobby')
    await say(rim, 'one')
    await say(rim, 'two')
    await until(() => told(reader).length === 3)
    const [, one] = told(reader)
    expect(one).toEqual({
      type: 'said',
      payload: { text: 'one' },
      timestamp: rim.clock.now(),
      messageId: expect.stringMatching(/^\w+:1:\w+$/),
    })
    const back = await open(rim, `/ws/stamped/lobby?after=${one.messageId}`)
    await until(() => told(back).length === 2)
    expect(told(back).find(({ type }) => type === 'said').payload).toEqual({ text: 'two' })
  })

  it('[PL3] a position of another history is answered by reset', async () => {
    const rim = await start()
    await say(rim, 'one')
    const reader = await open(rim, '/ws/notes/lobby?after=gone:1:x')
    expect(told(reader)).toContainEqual({ type: 'reset', data: { channel: 'note/lobby', reason: 'epoch' } })
  })

  it('[PL3] the events of several channels by one endpoint, and of no others', async () => {
    const rim = await start()
    const reader = await open(rim, '/ws/both')
    for (const room of ['a', 'c', 'b']) await say(rim, room, room)
    await until(() => told(reader).length === 3)
    expect(
      told(reader)
        .slice(1)
        .map(({ data }) => data.text),
    ).toEqual(['a', 'b'])
  })

  it('[PL3] to a reader that does not read, nothing is queued; it gets everything when it reads again', async () => {
    const rim = await start({ limits: { highWaterBytes: 16_384 } })
    const slow = await open(rim)
    slow.webSocket.pause()
    const text = 'x'.repeat(8_000)
    for (let i = 0; i < 2_000; i++) await say(rim, `${i} ${text}`)
    await until(() => rim.happenings.some(({ name }) => name === 'fellBehind'), 'it falls behind')
    slow.webSocket.resume()
    await until(() => told(slow).length === 2_001, 'everything has come')
    const numbers = told(slow)
      .slice(1)
      .map(({ data }) => Number(data.text.split(' ')[0]))
    expect(numbers).toEqual(Array.from({ length: 2_000 }, (_, i) => i))
  })

  it('[PL4] a ping is answered with what came with it; the server pings when it has been silent, and expects nothing', async () => {
    const rim = await start()
    const [data, stamped] = [await open(rim), await open(rim, '/ws/stamped/lobby')]
    data.send({ event: 'ping', data: { at: 7 } })
    stamped.send({ type: 'ping', payload: { at: 8 } })
    await until(() => told(data).length === 2 && told(stamped).length === 2)
    expect(told(data)[1]).toEqual({ type: 'pong', data: { at: 7 } })
    expect(told(stamped)[1]).toMatchObject({ type: 'pong', payload: { at: 8 }, timestamp: rim.clock.now() })
    await rim.clock.advance(26_000)
    await until(() => told(data).length === 3)
    expect(told(data)[2]).toEqual({ type: 'ping', data: null })
    await rim.clock.advance(300_000)
    data.send({ type: 'pong' })
    expect(data.webSocket.readyState).toBe(data.webSocket.OPEN)
  })
})

describe('who a plain client is', () => {
  it('[PL1] a path that is no endpoint’s, or whose parameters no channel has, is nobody’s', async () => {
    const rim = await start()
    expect((await rim.dial({}, [], '/ws/notes/with%20space').refused).json.code).toBe('not-found')
    expect((await rim.dial({}, [], '/ws/notes/a?after=nonsense').refused).json.code).toBe('bad-position')
    const reply = await rim.raw(
      'GET /ws/other HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    expect(reply).toMatch(/^HTTP\/1\.1 404/)
  })

  it('[PL1] pages of a foreign origin are refused, and so is one connection too many', async () => {
    const rim = await start({ limits: { connections: 1 } })
    const foreign = rim.dial({ origin: 'https://evil.example.com' }, [], '/ws/notes/lobby')
    expect((await foreign.refused).json.code).toBe('origin-refused')
    await open(rim)
    expect((await rim.dial({}, [], '/ws/notes/lobby').refused).json.code).toBe('too-many-connections')
  })

  it('take the node’s room from everybody, and everybody takes theirs', async () => {
    const rim = await start({ limits: { connections: 2 } })
    await rim.stream()
    await open(rim)
    expect(await rim.dial().closed).toMatchObject({ reason: 'too-many-connections' })
    expect((await rim.dial({}, [], '/ws/notes/lobby').refused).json.code).toBe('too-many-connections')
    expect((await rim.stream()).status).toBe(429)
  })

  it('[PL2] whoever its token names; a wrong one closes with 4401, a missing right with 1008', async () => {
    const rim = await start()
    const wrong = rim.dial({}, [], '/ws/notes/lobby?token=nonsense')
    expect(await wrong.closed).toEqual({ code: 4401, reason: 'unauthenticated' })
    expect(told(wrong)).toMatchObject([{ type: 'error', data: { code: 'unauthenticated' } }])
    rim.forbidden.add('note/b')
    expect(await rim.dial({}, [], '/ws/both').closed).toEqual({ code: 1008, reason: 'forbidden' })
  })

  it('[PL2] a token may come in the first message, in time and before anything else', async () => {
    const rim = await start()
    const reader = rim.dial({}, [], '/ws/later/lobby')
    await reader.opened
    reader.send({ type: 'auth', data: { token: 'user:ada' } })
    reader.send({ type: 'ping', data: 'ready' })
    await until(() => reader.text.includes('ready'))
    await say(rim, 'one')
    await until(() => told(reader).length === 2)
    const hasty = rim.dial({}, [], '/ws/later/lobby')
    await hasty.opened
    hasty.send({ type: 'said', data: { text: 'x' } })
    expect((await hasty.closed).code).toBe(4401)
    const silent = rim.dial({}, [], '/ws/later/lobby')
    await silent.opened
    await rim.clock.advance(11_000)
    expect((await silent.closed).code).toBe(4408)
  })

  it('[PL2] what is said before it is known who says it waits, sixteen messages of it', async () => {
    let letIn = () => {}
    const gate = new Promise<void>((resolve) => {
      letIn = resolve
    })
    const rim = await start({ authenticate: () => gate.then(() => ({ user: 'ada' })) })
    const [early, greedy] = [rim.dial({}, [], '/ws/notes/lobby'), rim.dial({}, [], '/ws/notes/lobby')]
    await Promise.all([early.opened, greedy.opened])
    for (let i = 0; i < 17; i++) greedy.send({ type: 'ping', data: i })
    expect((await greedy.closed).code).toBe(4429)
    early.send({ type: 'said', data: { text: 'at once' } })
    early.send({ type: 'ping', data: 'ready' })
    letIn()
    await until(() => told(early).length === 2)
    expect(told(early)).toContainEqual({ type: 'said', data: { text: 'at once' } })
  })

  it('[PL7] a token that has ended closes with 4402 after the grace, a fresh one keeps it open', async () => {
    const rim = await start()
    const [ends, lives] = [
      await open(rim, '/ws/notes/lobby?token=slow:ada'),
      await open(rim, '/ws/notes/lobby?token=slow:ada'),
    ]
    await rim.clock.advance(50_000)
    lives.send({ type: 'auth', token: 'user:ada' })
    lives.send({ type: 'said', data: { text: 'renewed' } })
    await until(() => lives.text.includes('renewed'))
    await rim.clock.advance(36_000)
    expect((await ends.closed).code).toBe(4402)
    lives.send({ type: 'auth', token: 'user:grace' })
    expect((await lives.closed).code).toBe(4401)
  })

  it('[PL7] [AU6] a right that is taken away ends it within the 60 s, whenever it was asked for last', async () => {
    const rim = await start()
    await open(rim)
    // Between two looks at the deadlines of all.
    await rim.clock.advance(500)
    const reader = await open(rim, '/ws/notes/closed')
    rim.forbidden.add('note/closed')
    await rim.clock.advance(60_000)
    expect((await reader.closed).code).toBe(1008)
  })

  it('[PL7] a right that is taken away, a revocation and a server that goes away end it', async () => {
    const rim = await start()
    const [forbidden, revoked, left] = [
      await open(rim, '/ws/notes/closed'),
      await open(rim),
      await open(rim, '/ws/notes/lobby'),
    ]
    rim.forbidden.add('note/closed')
    await rim.clock.advance(61_000)
    expect((await forbidden.closed).code).toBe(1008)
    expect(rim.server.revoke({ user: 'ada' })).toBe(1)
    expect((await revoked.closed).code).toBe(4403)
    const closing = rim.server.close({ drainMs: 1_000 })
    await rim.clock.advance(2_000)
    expect((await left.closed).code).toBe(4503)
    await rim.clock.advance(2_000)
    await closing
  })
})

describe('what a plain client says', () => {
  it('[PL5] is published where the endpoint says, whatever its dialect', async () => {
    const rim = await start()
    const writer = await open(rim)
    writer.send({ type: 'said', data: { text: 'one' } })
    writer.send({ event: 'said', data: { text: 'two' } })
    writer.send({ type: 'said', payload: { text: 'three' }, timestamp: 1, messageId: 'm' })
    await until(() => told(writer).length === 4)
    const history = (await rim.read()).json.entries
    expect(history.map(({ data }: { data: { text: string } }) => data.text)).toEqual(['one', 'two', 'three'])
  })

  it('[PL5] is refused with a reason where the contract, the rights or the endpoint say no; the connection lives', async () => {
    const rim = await start()
    const writer = await open(rim)
    writer.send({ type: 'said', data: { text: '' } })
    writer.send({ type: 'cleared', data: {} })
    writer.send({ type: 'said' })
    await until(() => told(writer).length === 4)
    expect(
      told(writer)
        .slice(1)
        .map(({ type, data }) => [type, data.code, data.field]),
    ).toEqual([
      ['error', 'invalid-data', 'data.text'],
      ['error', 'forbidden', undefined],
      ['error', 'invalid-data', 'data'],
    ])
    const reader = await open(rim, '/ws/stamped/lobby')
    reader.send({ type: 'said', data: { text: 'x' } })
    await until(() => told(reader).length === 2)
    expect(told(reader)[1]).toMatchObject({ type: 'error', payload: { code: 'forbidden' } })
  })

  it('[PL6] nonsense is told nine times, and ends the connection at the tenth', async () => {
    const rim = await start()
    const writer = await open(rim)
    for (const nonsense of ['{', '1', '{"data":1}', `${'['.repeat(40)}${']'.repeat(40)}`, '"__proto__"'])
      writer.send(nonsense)
    for (let i = 0; i < 5; i++) writer.send('{"type":7}')
    expect((await writer.closed).code).toBe(4400)
    expect(
      told(writer)
        .slice(1)
        .every(({ data }) => data.code === 'bad-frame'),
    ).toBe(true)
  })

  it('[PL6] a message that is too long closes with 1009, binary ones with 1003', async () => {
    const rim = await start()
    const [long, binary] = [await open(rim), await open(rim)]
    long.send({ type: 'said', data: { text: 'x'.repeat(70_000) } })
    expect((await long.closed).code).toBe(1009)
    binary.webSocket.send(Buffer.from([1, 2, 3]))
    expect((await binary.closed).code).toBe(1003)
  })

  it('[PL6] messages beyond the rate are refused, and a flood is cut off', async () => {
    const rim = await start({ limits: { framesPerSecond: 10, frameBurst: 10 } })
    const writer = await open(rim)
    const refused = () => told(writer).filter(({ data }) => data?.code === 'rate-limited').length
    for (let round = 0; round < 24 && writer.webSocket.readyState === writer.webSocket.OPEN; round++) {
      const before = refused()
      for (let i = 0; i < 30; i++) writer.send({ type: 'pong' })
      await until(() => refused() > before || writer.webSocket.readyState !== writer.webSocket.OPEN)
      await rim.clock.advance(250)
    }
    expect((await writer.closed).code).toBe(4429)
  })

  it('[PL6] what waits for the application is bounded in length', async () => {
    const authorize = ({ action }: { action: string }) =>
      action === 'publish' ? new Promise<boolean>(() => {}) : true
    const rim = await start({ authorize, limits: { waitingLength: 100_000 } })
    const writer = await open(rim)
    for (let i = 0; i < 4; i++) writer.send({ type: 'said', data: { text: 'x'.repeat(30_000) } })
    expect((await writer.closed).code).toBe(4429)
  })

  it('[PL6] a reader that takes nothing for a minute is let go, and so is one whose answers pile up', async () => {
    const rim = await start({
      limits: { highWaterBytes: 16_384, hardBytes: 65_536, framesPerSecond: 100_000, frameBurst: 100_000 },
    })
    const [stalled, asking] = [await open(rim), await open(rim, '/ws/notes/other')]
    for (const { webSocket } of [stalled, asking]) webSocket.pause()
    for (let i = 0; i < 2_000; i++) await say(rim, 'x'.repeat(8_000))
    await until(() => rim.happenings.some(({ name }) => name === 'fellBehind'))
    await rim.clock.advance(30_000)
    expect(rim.server.connections).toBe(2)
    await rim.clock.advance(32_000)
    const data = 'x'.repeat(30_000)
    for (let i = 0; i < 400; i++) asking.send({ type: 'ping', data })
    stalled.webSocket.resume()
    expect((await stalled.closed).code).toBe(4431)
    const letGo = () => rim.happenings.filter((each) => 'code' in each && each.code === 'slow-reader').length
    await until(() => letGo() === 2, 'both are let go')
    asking.webSocket.resume()
    expect((await asking.closed).code).toBe(4431)
  })
})

describe('an endpoint', () => {
  it('[PL1] that could not be served is refused where it is made', () => {
    const channels = () => note({ room: 'a' })
    for (const path of ['ws/x', '/v1/x', '/ws/', '/ws/{id}', '/ws/:1']) {
      expect(() => plainEndpoint(path, { channels })).toThrow('cannot be a plain endpoint')
    }
  })

  it('[PL2] whose log cannot be read says so, and asks to come back later', async () => {
    const broker = memoryBroker()
    const rim = await start({ broker })
    await broker.close()
    expect(await rim.dial({}, [], '/ws/notes/lobby').closed).toEqual({ code: 1013, reason: 'unavailable' })
  })
})
