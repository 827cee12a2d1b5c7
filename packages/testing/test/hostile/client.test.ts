// Our client against servers that are hostile, over the platform's own WebSocket: whatever comes, nothing is thrown,
// nothing grows, and it comes back.

import './prototypes.ts'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { constants, deflateRawSync } from 'node:zlib'
import { type Client, type ClientOptions, createClient } from '@tidings/client'
import type { TidingsError } from '@tidings/core'
import { seededChance, VirtualClock } from '@tidings/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { note, tally } from './contract.ts'
import { type Conduct, HostileServer } from './hostile-server.ts'
import { PROTOTYPE_NAMES } from './prototypes.ts'
import { Target } from './target.ts'
import { range, until } from './until.ts'
import { OWN_GROWTH } from './victim.ts'
import { serverFrame } from './wire.ts'

const lobby = note({ room: 'lobby' })

function clientOf(url: string, options: ClientOptions = {}): { client: Client; errors: TidingsError[] } {
  const errors: TidingsError[] = []
  const client = createClient({
    url,
    onError: (error) => void errors.push(error),
    backoff: { firstMs: 20, maxMs: 100 },
    connectTimeoutMs: 500,
    ...options,
  })
  onTestFinished(() => client.close())
  return { client, errors }
}

describe('servers that never become one', () => {
  it.each<[string, Conduct]>([
    ['answers nothing', () => {}],
    ['answers half', (peer) => peer.write('HTTP/1.1 101 Switching')],
    ['answers with nonsense', (peer) => peer.write('\0\xff\r\n\r\n\r\n')],
    ['answers 200', (peer) => peer.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi')],
    ['answers 503', (peer) => peer.write('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nretry-after: 0\r\n\r\n')],
    [
      'redirects',
      (peer) =>
        peer.write('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
    ],
    ['does not know the key', (peer) => peer.accept({ 'sec-websocket-accept': 'x' })],
    ['hangs up', (peer) => peer.socket.destroy()],
    ['accepts and says nothing', (peer) => peer.accept()],
    [
      'accepts and hangs up',
      (peer) => {
        peer.accept()
        peer.socket.end()
      },
    ],
    [
      'welcomes nobody',
      (peer) => {
        peer.accept()
        peer.say({ type: 'live', channel: 'note/lobby', position: 'e:1:t' })
      },
    ],
  ])('[row 1] [row 2] [row 3] one that %s is tried again, with pauses', async (_what, conduct) => {
    const server = await HostileServer.start(conduct)
    const { client } = clientOf(server.url)
    client.connect()
    await until(() => server.count >= 3)
    expect(['connecting', 'reconnecting']).toContain(client.connection.get().status)
  })

  it.each([['tidings.v2.json'], ['tidings.v0.json'], [''], ['tidings.v1.json, x']])(
    '[row 59] a server that chooses the subprotocol “%s”, which was not offered, is not spoken to',
    async (chosen) => {
      const heard: string[] = []
      const server = await HostileServer.start((peer) => {
        peer.accept({ 'sec-websocket-protocol': chosen || undefined })
        peer.socket.on('data', (chunk) => heard.push(chunk.toString('latin1')))
        peer.say({ type: 'welcome', connection: 'c', you: 'y', heartbeatMs: 1, now: 1 })
      })
      const { client } = clientOf(server.url)
      client.connect()
      await until(() => server.count >= 2)
      expect(client.connection.get().status).not.toBe('connected')
      client.close()
    },
  )
})

describe('bytes', () => {
  it.each<[string, Buffer]>([
    ['a masked frame', Buffer.concat([Buffer.from([0x81, 0x80]), Buffer.alloc(4)])],
    ['reserved bits', serverFrame(1, 'x', { rsv: 3 })],
    ['an unknown opcode', serverFrame(5, 'x')],
    ['a control frame of 126 bytes', serverFrame(9, 'x'.repeat(126))],
    ['a ping in fragments', serverFrame(9, 'x', { fin: false })],
    ['bytes that are not UTF-8', serverFrame(1, Buffer.from([0xff, 0xfe]))],
    ['a continuation of nothing', serverFrame(0, 'x')],
    ['a close code that may not be sent', serverFrame(8, Buffer.from([0x03, 0xed]))],
    ['a close frame of one byte', serverFrame(8, 'x')],
    ['a length beyond all memory', Buffer.from('817fffffffffffffffff', 'hex')],
  ])('[row 7] [row 8] after %s it hangs up, and comes back', async (_what, bytes) => {
    const server = await HostileServer.start((peer, count) => {
      peer.welcome()
      if (count < 3) peer.write(bytes)
    })
    const { client } = clientOf(server.url)
    client.connect()
    await until(() => server.count >= 3)
    await until(() => client.connection.get().status === 'connected')
  })

  it('[row 7] a binary message is reported, and the connection lives', async () => {
    const server = await HostileServer.start((peer) => {
      peer.welcome()
      peer.write(serverFrame(2, '{"type":"pong"}'))
    })
    const { client, errors } = clientOf(server.url)
    client.connect()
    await until(() => errors.length > 0)
    expect(errors[0]?.code).toBe('bad-frame')
    expect(client.connection.get().status).toBe('connected')
    expect(server.count).toBe(1)
  })

  it('[row 9] 64 MiB of zeros, compressed, and messages that never end do not bring it down', async () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), {
      finishFlush: constants.Z_SYNC_FLUSH,
    }).subarray(0, -4)
    const piece = serverFrame(0, 'x', { fin: false })
    const server = await HostileServer.start((peer, count) => {
      const offersDeflate = /permessage-deflate/i.test(peer.request)
      peer.accept(offersDeflate ? { 'sec-websocket-extensions': 'permessage-deflate' } : {})
      peer.say({ type: 'welcome', connection: 'c', you: 'y', heartbeatMs: 25_000, now: 1 })
      if (count > 20) return
      if (count % 2) peer.write(serverFrame(1, bomb, { rsv: 4 }))
      else
        peer.write(
          Buffer.concat([serverFrame(1, '{', { fin: false }), ...Array.from({ length: 5_000 }, () => piece)]),
        )
      // What is not refused by then is cut.
      setTimeout(() => peer.socket.destroy(), 300)
    })
    const child = fork(fileURLToPath(new URL('./client-process.ts', import.meta.url)), [server.url], {
      execArgv: ['--conditions=@tidings/source', '--expose-gc'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const ended = once(child, 'exit')
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended
    })
    await once(child, 'message')
    const ask = async () => {
      child.send('?')
      return ((await once(child, 'message')) as [{ rss: number; status: string }])[0]
    }
    const before = await ask()
    await until(() => server.count > 20, '21 connections', 40_000)
    await until(async () => (await ask()).status === 'connected')
    expect((await ask()).rss - before.rss).toBeLessThan(OWN_GROWTH + 4 * 64 * 1024 * 1024)
  })
})

describe('frames', () => {
  const position = 'e:3:t'
  const subscribedTo = (peer: { say: (value: unknown) => void }, more: object = {}) =>
    peer.say({
      type: 'subscribed',
      id: 1,
      channel: 'note/lobby',
      verdict: 'fresh',
      position,
      behind: 0,
      ...more,
    })
  const entry = (offset: number, more: object = {}) => ({
    offset,
    tag: 't',
    event: 'said',
    data: { text: `${offset}` },
    at: 1,
    ...more,
  })

  it.each([
    ['nests a million deep', '['.repeat(1_000_000)],
    ['is no JSON', '{'],
    ['is a number', '1e999'],
    ['has a type of its own', '{"type":"teleport"}'],
    ['is a frame of the client’s', '{"type":"hello","producer":"p"}'],
    ['has the wrong fields', '{"type":"entries","channel":1,"epoch":null,"entries":"x"}'],
    ['answers what was never asked', '{"type":"ack","id":9007199254740991,"position":"e:1:t"}'],
    ['welcomes again', '{"type":"welcome","connection":"c","you":"another","heartbeatMs":1,"now":1}'],
    ['is about a channel nobody knows', '{"type":"entries","channel":"__proto__","epoch":"e","entries":[]}'],
    [
      'goes back in time',
      '{"type":"entries","channel":"note/lobby","epoch":"e","entries":[{"offset":1,"tag":"t","event":"said","data":{"text":"old"},"at":1}]}',
    ],
  ])(
    '[row 13] [row 16] [row 25] a message that %s is passed over, and what follows is taken',
    async (_what, text) => {
      const server = await HostileServer.start((peer) => {
        peer.welcome()
        subscribedTo(peer)
        peer.say({ type: 'live', channel: 'note/lobby', position })
        peer.say(text)
        peer.say({ type: 'entries', channel: 'note/lobby', epoch: 'e', entries: [entry(4), entry(5)] })
      })
      const { client } = clientOf(server.url)
      const got: string[] = []
      client.channel(lobby).on('said', ({ text: said }) => got.push(said))
      await until(() => got.length >= 2)
      expect(server.count).toBe(1)
      // A position that is none may cost a new subscription, but never an entry twice or out of order.
      expect(got).toEqual(['4', '5'].slice(0, got.length))
      expect(client.connection.get()).not.toMatchObject({ you: 'another' })
    },
  )

  it('[row 14] names of the prototype are names, as event, key, member, sender and signal', async () => {
    const server = await HostileServer.start((peer) => {
      peer.welcome({ you: '__proto__', user: 'constructor' })
      subscribedTo(peer, { position: 'e:0:' })
      peer.say({ type: 'live', channel: 'note/lobby', position: 'e:0:' })
      peer.say({
        type: 'presence',
        channel: 'note/lobby',
        total: 9,
        members: PROTOTYPE_NAMES.map((id) => ({ id, user: id, state: { name: id } })),
      })
      const said = PROTOTYPE_NAMES.map(
        (name, i) =>
          `{"offset":${i + 1},"tag":"t","event":"${name}","data":{"${name}":{"polluted":true}},"at":1,"by":"${name}","sequence":1}`,
      )
      peer.say(`{"type":"entries","channel":"note/lobby","epoch":"e","entries":[${said.join()}]}`)
      for (const name of PROTOTYPE_NAMES)
        peer.say({ type: 'signal', channel: 'note/lobby', name, from: name, data: { at: 1 } })
      peer.say(
        `{"type":"presenceChange","channel":"note/lobby","total":1,"left":["__proto__","constructor"],"updated":[{"id":"toString","state":{"name":"x"},"__proto__":{"polluted":true}}]}`,
      )
      peer.say({
        type: 'entries',
        channel: 'note/lobby',
        epoch: 'e',
        entries: [entry(PROTOTYPE_NAMES.length + 1)],
      })
    })
    const { client, errors } = clientOf(server.url)
    const channel = client.channel(lobby)
    const got: string[] = []
    channel.on('said', ({ text }) => got.push(text))
    channel.presence.subscribe(() => {})
    await until(() => got.length === 1)
    expect(errors.filter(({ code }) => code === 'invalid-data').length).toBeGreaterThanOrEqual(
      PROTOTYPE_NAMES.length,
    )
    expect('polluted' in {}).toBe(false)
    expect(client.connection.get().status).toBe('connected')
    expect(server.count).toBe(1)
  })

  it('[row 55] entries that the contract does not know, that do not fit, or that make a listener throw are told and passed over', async () => {
    const server = await HostileServer.start((peer) => {
      peer.welcome()
      subscribedTo(peer, { position: 'e:0:' })
      peer.say({ type: 'live', channel: 'note/lobby', position: 'e:0:' })
      const entries = [
        entry(1),
        entry(2, { event: 'gone' }),
        entry(3, { data: { text: 7 } }),
        entry(4),
        entry(5, { data: null }),
        entry(6),
      ]
      peer.say({ type: 'entries', channel: 'note/lobby', epoch: 'e', entries })
    })
    const { client, errors } = clientOf(server.url)
    const channel = client.channel(lobby)
    const got: string[] = []
    channel.on('said', () => {
      throw new Error('the listener’s own')
    })
    const cancel = channel.on('said', () => cancel())
    channel.on('said', ({ text }) => got.push(text))
    await until(() => got.length === 3)
    expect(got).toEqual(['1', '4', '6'])
    expect(channel.position()).toMatchObject({ offset: 6 })
    expect(errors.filter(({ code }) => code === 'invalid-data')).toHaveLength(3)
    expect(errors.filter(({ code }) => code === 'internal').length).toBe(3)
  })

  it('[row 55] a fold that throws leaves the state as it was, and goes on', async () => {
    const target = await Target.start()
    const { client, errors } = clientOf(target.origin)
    const channel = client.channel(tally({ room: 'x' }))
    channel.state.subscribe(() => {})
    await until(() => channel.continuity.get().status === 'live')
    for (const n of [1, 13, 2]) await target.post('tally/x', { type: 'added', data: { n } })
    await until(() => (channel.state.get() as { sum: number } | undefined)?.sum === 3)
    expect(errors.some(({ message }) => message.includes('the fold threw'))).toBe(true)
  })

  it('[row 43] a server that sends without end is read without end, and nothing is kept', async () => {
    let offset = 3
    const server = await HostileServer.start((peer) => {
      peer.welcome()
      subscribedTo(peer)
      peer.say({ type: 'live', channel: 'note/lobby', position })
      const pour = () => {
        for (let i = 0; i < 50 && peer.socket.writable; i++) {
          const text = JSON.stringify({
            type: 'entries',
            channel: 'note/lobby',
            epoch: 'e',
            entries: [entry(++offset, { data: { text: 'x'.repeat(10_000) } })],
          })
          if (!peer.socket.write(serverFrame(1, text))) return
        }
        setImmediate(pour)
      }
      peer.socket.on('drain', pour)
      pour()
    })
    const { client } = clientOf(server.url)
    let got = 0
    let last = 3
    client.channel(lobby).onAny((event) => {
      expect(event.offset).toBe(++last)
      got++
    })
    await until(() => got > 2_000)
    for (const socket of server.sockets) socket.removeAllListeners('drain')
    client.close()
  })
})

describe('time and crowds', () => {
  it('[row 45] two hundred clients whose server is gone do not come back in the same moment', async () => {
    const server = await HostileServer.start((peer) => peer.welcome())
    const delays: number[] = []
    const clients = range(1, 200).map(
      () =>
        clientOf(server.url, { backoff: { firstMs: 1_000, maxMs: 30_000 }, connectTimeoutMs: 10_000 }).client,
    )
    for (const client of clients) client.connect()
    await until(() => clients.every((client) => client.connection.get().status === 'connected'))
    for (const { connection } of clients) {
      const stop = connection.subscribe(() => {
        const { retryAt } = connection.get()
        if (retryAt === undefined) return
        stop()
        delays.push(retryAt - Date.now())
      })
    }
    for (const socket of [...server.sockets]) socket.destroy()
    await until(() => delays.length === 200)
    for (const quarter of [0, 250, 500, 750]) {
      expect(delays.filter((delay) => delay >= quarter && delay < quarter + 350).length).toBeGreaterThan(15)
    }
  })

  it('[row 46] a network that flaps every two seconds for ten minutes is answered with longer and longer pauses', async () => {
    const clock = new VirtualClock()
    let dials = 0
    const client = createClient({
      url: 'ws://nowhere.example',
      clock,
      chance: seededChance(46),
      onError: () => {},
      lifecycle: { isOnline: () => true, subscribe: () => () => {} },
      dial: (_url, _protocols, handlers) => {
        dials++
        clock.setTimer(10, () => {
          handlers.opened()
          handlers.received(
            JSON.stringify({ type: 'welcome', connection: 'c', you: 'y', heartbeatMs: 25_000, now: 1 }),
          )
        })
        clock.setTimer(2_000, () => handlers.closed(1006, ''))
        return { send() {}, close() {}, bufferedBytes: 0 }
      },
    })
    client.connect()
    await clock.advance(600_000)
    client.close()
    // Without a pause there would be 300; at once the first time, then half a minute apart at most, then one a minute.
    expect(dials).toBeGreaterThan(9)
    expect(dials).toBeLessThan(80)
    expect(clock.pendingTimers).toBeLessThanOrEqual(dials)
  })

  it.each([[86_400_000], [-86_400_000], [8 * 3_600_000]])(
    '[row 49] a wall clock that jumps by %i ms ends no connection, no presence and no order',
    async (byMs) => {
      class Steppable extends VirtualClock {
        override endOfTurn(run: () => void): void {
          setImmediate(run)
        }
      }
      const clock = new Steppable()
      const target = await Target.start({ clock, authenticate: () => ({ user: 'ada' }) })
      const raw = await target.welcomed({
        subscribe: [{ id: 1, channel: 'note/lobby', presence: 'members' }],
      })
      raw.say({ type: 'enter', id: 2, channel: 'note/lobby', state: { name: 'ada' } })
      await raw.heard('entered')
      await target.fill('note/lobby', 3)
      clock.jump(byMs)
      for (let i = 0; i < 5; i++) await clock.advance(1_000)
      await target.fill('note/lobby', 3)
      await raw.when(() => raw.offsets('note/lobby').length === 6, 'the entries')
      expect(raw.offsets('note/lobby')).toEqual(range(1, 6))
      expect(raw.closeCode).toBeUndefined()
      expect(await (await target.get('/v1/channels/note%2Flobby/presence')).json()).toMatchObject({
        total: 1,
      })
      const stopping = target.server.close({ drainMs: 1 })
      await clock.advance(2_000)
      await stopping
    },
  )

  it.each([[86_400_000], [-86_400_000]])(
    '[row 49] a client whose wall clock jumps by %i ms stays connected, and its writes keep their order',
    async (byMs) => {
      const target = await Target.start()
      const base = new VirtualClock(Date.now())
      const clock = {
        now: () => base.now(),
        monotonic: () => performance.now(),
        setTimer: (delayMs: number, run: () => void) => {
          const timer = setTimeout(run, delayMs)
          return () => clearTimeout(timer)
        },
        endOfTurn: (run: () => void) => void setImmediate(run),
      }
      const { client } = clientOf(target.origin, { clock })
      const channel = client.channel(lobby)
      const got: string[] = []
      channel.on('said', ({ text }) => got.push(text))
      for (let i = 0; i < 20; i++) {
        if (i === 10) base.jump(byMs)
        await channel.publish('said', { text: `${i}` }).done
      }
      await until(() => got.length === 20)
      expect(got).toEqual(range(0, 19).map(String))
      expect(client.connection.get().status).toBe('connected')
    },
  )
})
