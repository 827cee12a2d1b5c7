// The application as its own worst peer: settings that make no sense, functions that throw, wait for ever or lie, and
// a server that has to go while everybody is there.

import './prototypes.ts'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anonymous, createServer, defaultLimits, jwtAuthenticator, silentLogger } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { contract, eventsPath, KEY } from './contract.ts'
import { Raw } from './raw.ts'
import { Target } from './target.ts'
import { range, until } from './until.ts'
import { upgradeRequest } from './wire.ts'

const start = (options: object) =>
  createServer({
    contract,
    broker: memoryBroker(),
    authenticate: anonymous(),
    logger: silentLogger,
    ...options,
  } as never)

describe('limits', () => {
  it.each(Object.keys(defaultLimits))(
    '[row 60] %s is refused unless it is a number that can be kept to',
    (name) => {
      for (const value of [
        0,
        -1,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        2 ** 31,
        '1mb',
        '100',
        null,
        undefined,
        true,
        {},
        [],
        10n,
      ]) {
        expect(() => start({ limits: { [name]: value } }), String(value)).toThrow(`The limit ${name} is`)
      }
      if (!name.endsWith('PerSecond'))
        expect(() => start({ limits: { [name]: 1.5 } })).toThrow('whole number')
    },
  )

  it('[row 60] every limit has a default that is finite', () => {
    for (const value of Object.values(defaultLimits)) expect(value).toBeLessThan(2 ** 31)
  })

  it.each([
    ['one that there is not', { messageByte: 1 }, 'There is no limit called "messageByte"'],
    ['one of the prototype', { constructor: 1 }, 'There is no limit called "constructor"'],
    [
      'a soft mark above the hard one',
      { highWaterBytes: 2_000_000 },
      'a reader would be closed before it could fall behind',
    ],
    ['a hello larger than a message', { messageBytes: 1_000 }, 'a hello would be refused as a message'],
    [
      'a message that no HTTP body has room for',
      { messageBytes: 262_081 },
      'messageBytes is 262081, with 64 for its envelope above bodyBytes, which is 262144: a large write',
    ],
  ])('[row 60] %s is refused with a sentence', (_what, limits, sentence) => {
    expect(() => start({ limits })).toThrow(sentence)
  })

  it.each([
    ['any origin', { origins: ['*'] }],
    ['an origin with a path', { origins: ['https://app.example.com/'] }],
    ['a proxy that is no address', { trustedProxies: ['everybody'] }],
    ['an empty API key', { apiKeys: [{ key: '' }] }],
    ['a key for a pattern that is none', { apiKeys: [{ key: KEY, channels: ['note/**'] }] }],
  ])('[row 60] %s is refused at the start', (_what, options) => {
    expect(() => start(options)).toThrow(TypeError)
  })

  it.each([
    ['no algorithm', { algorithms: [], secret: 'x'.repeat(32) }],
    ['none as an algorithm', { algorithms: ['none'], secret: 'x'.repeat(32) }],
    ['a short secret', { algorithms: ['HS256'], secret: 'short' }],
    ['both kinds of key', { algorithms: ['HS256', 'RS256'], secret: 'x'.repeat(32) }],
    ['no key at all', { algorithms: ['RS256'] }],
    ['keys by http from elsewhere', { algorithms: ['RS256'], jwks: new URL('http://keys.example/set') }],
    ['an hour of tolerance', { algorithms: ['HS256'], secret: 'x'.repeat(32), clockToleranceSeconds: 3_600 }],
  ])('[row 60] tokens checked with %s are refused at the start', (_what, options) => {
    expect(() => jwtAuthenticator(options as never)).toThrow(TypeError)
  })
})

describe('functions of the application', () => {
  const thrown = new Error('the application’s own')

  it('[row 55] an entry that the fold throws on is passed over, told, and bricks nobody', async () => {
    const target = await Target.start({ limits: { snapshotEvery: 5 } })
    for (const n of [1, 13, 2, 13, 13, 3, 4, 13, 5])
      expect((await target.post('tally/x', { type: 'added', data: { n } })).status).toBe(201)
    const raw = await target.welcomed({ subscribe: [{ id: 1, channel: 'tally/x', state: 2 }] })
    await raw.heard('live')
    expect(raw.of('subscribed')[0]).toMatchObject({
      snapshot: { state: { sum: 15 } },
      position: expect.stringContaining(':9:'),
    })
    await target.post('tally/x', { type: 'added', data: { n: 13 } })
    await target.post('tally/x', { type: 'added', data: { n: 1 } })
    await raw.when(() => raw.offsets('tally/x').length === 2, 'what follows the poison')
    const later = await target.welcomed({ subscribe: [{ id: 1, channel: 'tally/x', state: 2 }] })
    expect((await later.heard('subscribed')).snapshot?.state).toEqual({ sum: 16 })
    expect(target.happenings.filter(({ name }) => name === 'skipped')).toHaveLength(5)
  })

  it('[row 56] an observer and a logger that throw at everything hurt nobody', async () => {
    const target = await Target.start({
      observe: () => {
        throw thrown
      },
    })
    const raw = await target.welcomed({ subscribe: [{ id: 1, channel: 'note/lobby' }] })
    await raw.heard('live')
    await target.fill('note/lobby', 3)
    await raw.when(() => raw.offsets('note/lobby').length === 3, 'the entries')
    raw.say({ type: 'call', id: 2, channel: 'note/lobby', name: 'shout', data: { text: 'x' } })
    await raw.heard('reply')
    raw.socket.destroy()
    expect(await target.isWell()).toBe(true)
  })

  it.each([
    [
      'throws',
      () => {
        throw thrown
      },
    ],
    ['rejects', () => Promise.reject(thrown)],
    [
      'throws what is no error',
      () => {
        throw undefined
      },
    ],
    ['rejects with text', () => Promise.reject('no')],
  ])(
    '[row 56] [AU3] an authorize that %s is a fault, not a refusal: the same may be tried again, and nobody else is hurt',
    async (_what, authorize) => {
      const target = await Target.start({
        authorize: ({ channel }) => (channel === 'note/bad' ? (authorize() as never) : true),
      })
      const raw = await target.welcomed()
      raw.say({ type: 'subscribe', id: 1, channel: 'note/bad' })
      raw.say({ type: 'subscribe', id: 2, channel: 'note/good' })
      await raw.heard('live')
      expect(raw.of('error')).toHaveLength(1)
      expect(raw.of('subscribed').map(({ channel }) => channel)).toEqual(['note/good'])
      expect(JSON.stringify(raw.said)).not.toContain(thrown.message)
      expect(target.happenings.some(({ name }) => name === 'fault')).toBe(true)
    },
  )

  it('[row 56] [AU6] an authorize that fails for a while takes no live subscription away', async () => {
    let isBroken = false
    const target = await Target.start({
      limits: { recheckMs: 200 },
      authorize: () => {
        if (isBroken) throw thrown
        return true
      },
    })
    const raw = await target.welcomed({ subscribe: [{ id: 1, channel: 'note/lobby' }] })
    await raw.heard('live')
    isBroken = true
    await until(() => target.happenings.filter(({ name }) => name === 'fault').length >= 2)
    isBroken = false
    await target.fill('note/lobby', 1)
    await raw.when(() => raw.offsets('note/lobby').length === 1, 'an entry')
    expect(raw.of('unsubscribed')).toEqual([])
  })

  it('[row 56] an authorize that never answers holds up its own connection, within bounds, and no other', async () => {
    const target = await Target.start({
      limits: { waitingFrames: 50 },
      authorize: ({ channel }) => (channel === 'note/bad' ? new Promise<boolean>(() => {}) : true),
    })
    const stuck = await target.welcomed()
    stuck.say({ type: 'subscribe', id: 1, channel: 'note/bad' })
    const other = await target.welcomed({ subscribe: [{ id: 1, channel: 'note/good' }] })
    await other.heard('live')
    for (let i = 0; i < 60; i++) stuck.say({ type: 'leave', channel: 'note/bad' })
    expect(await stuck.closed()).toBe(4429)
    await target.fill('note/good', 1)
    await other.when(() => other.offsets('note/good').length === 1, 'an entry')
  })

  it('[row 56] [CL1] handlers of calls that throw, lie or never answer are each their caller’s affair', async () => {
    const target = await Target.start({
      limits: { callTimeoutMs: 300, openCalls: 4 },
      calls: {
        note: {
          shout: ({ text }) => {
            if (text === 'throw') throw thrown
            if (text === 'lie') return { text: 7 } as never
            if (text === 'reject') return Promise.reject(undefined)
            return { text }
          },
          stall: () => new Promise<never>(() => {}),
        },
      },
    })
    const raw = await target.welcomed()
    const call = (id: number, text: string) =>
      raw.say({ type: 'call', id, channel: 'note/a', name: 'shout', data: { text } })
    call(1, 'throw')
    call(2, 'lie')
    call(3, 'reject')
    call(4, 'fine')
    await raw.heard('error', 3)
    expect(await raw.heard('reply')).toMatchObject({ id: 4, data: { text: 'fine' } })
    expect(new Set(raw.of('error').map(({ code }) => code))).toEqual(new Set(['internal']))
    expect(JSON.stringify(raw.said)).not.toContain(thrown.message)
    for (let id = 10; id < 20; id++) raw.say({ type: 'call', id, channel: 'note/a', name: 'stall', data: {} })
    await until(() => raw.of('error').filter(({ code }) => code === 'timeout').length === 4)
    expect(raw.of('error').filter(({ code }) => code === 'rate-limited')).toHaveLength(6)
    call(30, 'again')
    await raw.heard('reply', 2)
  })
})

const PROGRAM = fileURLToPath(new URL('./program.ts', import.meta.url))

/** The program that `run` makes of a server, in a process of its own. */
async function program(
  env: Readonly<Record<string, string>> = {},
): Promise<{ child: ChildProcess; port: number; output: () => string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-program-'))
  const child = fork(PROGRAM, [], {
    execArgv: ['--conditions=@tidings/source'],
    env: { PATH: process.env.PATH, PORT: '0', TIDINGS_DATA: folder, TIDINGS_API_KEY: KEY, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  await until(() => /Ready at http:\/\/localhost:\d+/.test(output) || child.exitCode !== null)
  return { child, port: Number(/localhost:(\d+)/.exec(output)?.[1]), output: () => output }
}

describe('the program', () => {
  it('[row 57] promises that nobody handles, and sockets that break anywhere, leave it up, and are counted', async () => {
    const { child, port, output } = await program()
    for (let i = 0; i < 20; i++) child.send('reject')
    const bytes = Buffer.from(upgradeRequest(port))
    for (let i = 0; i < 200; i++) {
      const raw = new Raw(port)
      raw.write(bytes.subarray(0, (i * 13) % bytes.length))
      if (i % 3 === 0) raw.write('GET /healthz HTTP/1.1\r\n\r\n')
      raw.socket.resetAndDestroy()
    }
    const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    await until(async () => (await metrics()).includes('tidings_faults_total 20\n'))
    await until(() => output().includes('nobody waits for this'))
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
    expect(child.exitCode).toBeNull()
  })

  it('[row 58] [CN9] SIGTERM among two thousand connections and writes under way: drained, flushed, and gone before its deadline', async () => {
    const { child, port } = await program({ TIDINGS_DRAIN_MS: '3000' })
    const address = `http://127.0.0.1:${port}${eventsPath('note/lobby')}`
    const crowd: Raw[] = []
    for (let i = 0; i < 2_000; i += 100) {
      crowd.push(
        ...(await Promise.all(
          range(1, 100).map(async () => {
            const raw = new Raw(port)
            raw.write(upgradeRequest(port))
            await raw.when(() => raw.text.includes('\r\n\r\n'), 'an upgrade')
            raw.say({ type: 'hello', producer: 'p' })
            await raw.heard('welcome')
            return raw
          }),
        )),
      )
    }
    const accepted: number[] = []
    let isOver = false
    const writers = range(1, 4).map(async () => {
      while (!isOver) {
        const answer = await fetch(address, {
          method: 'POST',
          headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
          body: JSON.stringify(Array.from({ length: 10 }, () => ({ type: 'said', data: { text: 'x' } }))),
        }).catch(() => undefined)
        if (!answer) return
        if (answer.status === 201)
          accepted.push(((await answer.json()) as { firstOffset: number }).firstOffset)
      }
    })
    await until(() => accepted.length > 20)
    const began = performance.now()
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const [code] = await ended
    isOver = true
    await Promise.all(writers)
    expect(code).toBe(0)
    expect(performance.now() - began).toBeLessThan(3_000 + 5_000)
    const drains = crowd.map((raw) => raw.of('drain').length)
    expect(drains.every((count) => count === 1)).toBe(true)
    expect(new Set(crowd.map((raw) => raw.closeCode))).toEqual(new Set([4503]))
    // What was accepted is there after the next start, each batch once and whole.
    expect(new Set(accepted).size).toBe(accepted.length)
    for (const first of accepted) expect((first - 1) % 10).toBe(0)
  })
})

describe('versions', () => {
  it.each([
    [['tidings.v1.json'], 'tidings.v1.json'],
    [['tidings.v2.cbor', 'tidings.v1.json'], 'tidings.v1.json'],
    [['tidings.v1.json', 'tidings.v2.cbor'], 'tidings.v1.json'],
    [['tidings.v0.json', 'x', 'tidings.v1.json', 'y'], 'tidings.v1.json'],
  ])('[row 59] [CN1] a client that offers %j is spoken to in %s', async (offered, chosen) => {
    const target = await Target.start()
    const raw = await target.upgraded({ 'sec-websocket-protocol': offered.join(', ') })
    expect(raw.text.toLowerCase()).toContain(`sec-websocket-protocol: ${chosen}\r\n`)
  })

  it.each([
    ['tidings.v0.json'],
    ['tidings.v2.json'],
    ['tidings.v1'],
    ['TIDINGS.V1.JSON'],
    ['tidings.v1.json.evil'],
    ['xtidings.v1.json'],
  ])('[row 59] [CN1] a client that offers %s alone is told what is spoken: 426', async (offered) => {
    const target = await Target.start()
    const answer = await target.exchange(upgradeRequest(target.port, { 'sec-websocket-protocol': offered }))
    expect(answer).toMatch(/^HTTP\/1\.1 426 /)
    expect(answer.toLowerCase()).toContain('sec-websocket-protocol: tidings.v1.json\r\n')
  })

  it('[row 59] [SB12] clients of the older and the newer state are told so, and get the log all the same', async () => {
    const target = await Target.start()
    for (const n of [1, 2]) await target.post('tally/x', { type: 'added', data: { n } })
    for (const version of [0, 1, 3, 99]) {
      const raw = await target.welcomed({ subscribe: [{ id: 1, channel: 'tally/x', state: version }] })
      expect(await raw.heard('error')).toMatchObject({ code: 'unsupported-version' })
      raw.say({ type: 'subscribe', id: 2, channel: 'tally/x', after: 'start' })
      await raw.heard('live')
      expect(raw.offsets('tally/x')).toEqual([1, 2])
    }
  })
})
