// Peers that read little or nothing, bursts that are larger than anybody's buffer, crowds that come at once.

import './prototypes.ts'
import { get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventsPath, KEY } from './contract.ts'
import { Follower } from './follower.ts'
import { Target } from './target.ts'
import { range, until } from './until.ts'
import { OWN_GROWTH, Victim } from './victim.ts'
import { frame, upgradeRequest } from './wire.ts'

const CHANNEL = 'note/lobby'
const MEGABYTE = 1024 * 1024

/** A socket that nobody reads from: its window closes. */
function deaf(port: number, ...bytes: (string | Buffer)[]): Socket {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  for (const each of bytes) socket.write(each)
  return socket
}

const hello = (channel = CHANNEL, after = 'now') =>
  frame(1, JSON.stringify({ type: 'hello', producer: 'p', subscribe: [{ id: 1, channel, after }] }))
const streamRequest = `GET ${eventsPath(CHANNEL)}?after=start HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer ${KEY}\r\n\r\n`

describe('readers that do not read', () => {
  it('[row 43] forty stopped readers, half of them event streams, cost a bounded buffer each and hold nobody up', async () => {
    const victim = await Victim.start()
    const sockets = range(1, 20).map(() => deaf(victim.port, upgradeRequest(victim.port), hello()))
    const streams = range(1, 20).map(() => deaf(victim.port, streamRequest))
    const reader = new Follower(victim.origin, CHANNEL)
    await reader.when(() => reader.isLive)
    await until(async () => (await victim.memory()).connections === 21)
    const before = await victim.memory()
    for (let i = 0; i < 80; i++) await victim.publish(CHANNEL, Array<string>(4).fill('x'.repeat(50_000)))
    await reader.reached(320)
    const held = await victim.memory()
    // The log itself is in memory, too: 16 MB. Queues would hold 640 MB.
    const cost = held.heapUsed + held.external - before.heapUsed - before.external - 16 * MEGABYTE
    expect(cost).toBeLessThan(40 * MEGABYTE)
    expect(reader.timesBehind).toBe(0)
    for (const socket of [...sockets, ...streams]) socket.destroy()
  })

  it('[row 43] a reader of a few bytes now and then is not let go, and gets everything at its pace', async () => {
    const target = await Target.start({ limits: { highWaterBytes: 20_000 } })
    const follower = new Follower(target.origin, CHANNEL)
    await follower.when(() => follower.isLive)
    follower.webSocket.pause()
    const publishing = (async () => {
      for (let i = 0; i < 50; i++) await target.fill(CHANNEL, 50, 'x'.repeat(4_000))
    })()
    // One message at a time, and then a pause for breath.
    let isSipping = true
    follower.webSocket.on('message', () => {
      if (isSipping) follower.webSocket.pause()
    })
    for (let sips = 0; sips < 20; sips++) {
      follower.webSocket.resume()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await publishing
    isSipping = false
    follower.webSocket.resume()
    await follower.reached(2_500)
    expect(follower.timesBehind).toBeGreaterThan(0)
  })

  it('[row 43] answers to its own requests that a peer does not read end it at the hard mark', async () => {
    const victim = await Victim.start({
      limits: { framesPerSecond: 1_000_000, frameBurst: 1_000_000, waitingFrames: 1_000_000 },
    })
    const before = await victim.memory()
    const nonsense = frame(
      1,
      JSON.stringify(
        range(1, 200).map((id) => ({ type: 'call', id, channel: CHANNEL, name: 'x'.repeat(100), data: 1 })),
      ),
    )
    const socket = deaf(victim.port, upgradeRequest(victim.port), frame(1, '{"type":"hello","producer":"p"}'))
    await until(async () => (await victim.memory()).connections === 1)
    const over = new Promise<void>((resolve) => socket.on('close', () => resolve()))
    let isOver = false
    void over.then(() => {
      isOver = true
    })
    const asking = (async () => {
      for (let i = 0; i < 2_000 && !isOver; i++) {
        if (!socket.write(nonsense))
          await Promise.race([over, new Promise((resolve) => socket.once('drain', resolve))])
      }
    })()
    await until(async () => (await victim.memory()).connections === 0, 'the end of the deaf asker', 20_000)
    expect((await victim.memory()).rss - before.rss).toBeLessThan(2 * OWN_GROWTH)
    socket.destroy()
    await asking
  })
})

describe('bursts', () => {
  it.each([
    ['ASCII', 'x'.repeat(60_000)],
    ['three bytes a character', '語'.repeat(20_000)],
  ])(
    '[row 44] [SB7] ten megabytes of %s at once reach readers that read, and close none of them',
    async (_what, text) => {
      const victim = await Victim.start()
      const readers = range(1, 20).map(() => new Follower(victim.origin, CHANNEL))
      await Promise.all(readers.map((reader) => reader.when(() => reader.isLive)))
      // All at once: what one turn of the server's loop brings is one batch.
      await Promise.all(range(1, 43).map(() => victim.publish(CHANNEL, Array<string>(4).fill(text))))
      await Promise.all(readers.map((reader) => reader.reached(172)))
      for (const reader of readers) expect(reader.closed).toBeUndefined()
      const late = new Follower(victim.origin, CHANNEL, 'start')
      await late.reached(172)
      await late.when(() => late.isLive)
    },
  )

  it('[row 44] [SB7] a stopped reader of such a burst costs 1 MB at most, and is not closed for it', async () => {
    const victim = await Victim.start()
    const readers = range(1, 10).map(() => new Follower(victim.origin, CHANNEL))
    await Promise.all(readers.map((reader) => reader.when(() => reader.isLive)))
    for (const reader of readers) reader.webSocket.pause()
    const burst = () =>
      Promise.all(range(1, 43).map(() => victim.publish(CHANNEL, Array<string>(4).fill('語'.repeat(20_000)))))
    await burst()
    await burst()
    expect((await victim.memory()).mostBuffered).toBeLessThan(MEGABYTE)
    for (const reader of readers) reader.webSocket.resume()
    await Promise.all(readers.map((reader) => reader.reached(344)))
    await Promise.all(readers.map((reader) => reader.when(() => reader.isLive)))
  })

  it('[row 43] [SB6] a stopped reader who is behind on a hundred channels costs 1 MB at most, and gets all of them', async () => {
    const victim = await Victim.start({ limits: { requestsPerSecond: 10_000, tailLength: 1 } })
    const channels = range(1, 100).map((i) => `note/${i}`)
    for (const channel of channels)
      for (let i = 0; i < 2; i++) await victim.publish(channel, Array<string>(4).fill('x'.repeat(50_000)))
    const raw = await victim.upgraded()
    raw.socket.pause()
    raw.say({
      type: 'hello',
      producer: 'p',
      subscribe: channels.map((channel, id) => ({ id, channel, after: 'start' })),
    })
    await until(async () => (await victim.memory()).mostBuffered > 100_000)
    for (let i = 0; i < 20; i++) expect((await victim.memory()).mostBuffered).toBeLessThan(MEGABYTE)
    raw.socket.resume()
    await raw.heard('live', 100)
    for (const channel of channels) expect(raw.offsets(channel)).toEqual(range(1, 8))
    expect(raw.closeCode).toBeUndefined()
  })

  it('[row 43] [SB2] states of forty channels are given one after the other to whom reads slowly', async () => {
    const victim = await Victim.start({ limits: { requestsPerSecond: 10_000 } })
    const channels = range(1, 40).map((i) => `pile/${i}`)
    for (const channel of channels)
      for (let i = 0; i < 2; i++) await victim.publish(channel, Array<string>(4).fill('x'.repeat(50_000)))
    const raw = await victim.upgraded()
    raw.socket.pause()
    raw.say({
      type: 'hello',
      producer: 'p',
      subscribe: channels.map((channel, id) => ({ id, channel, state: 1 })),
    })
    await until(async () => (await victim.memory()).mostBuffered > 100_000)
    for (let i = 0; i < 20; i++) expect((await victim.memory()).mostBuffered).toBeLessThan(MEGABYTE)
    raw.socket.resume()
    await raw.heard('live', 40)
    for (const { snapshot } of raw.of('subscribed')) expect(snapshot?.state).toHaveLength(8)
    expect(raw.closeCode).toBeUndefined()
  })

  it('[row 43] [SB2] a state larger than the hard mark is no fault of its reader’s', async () => {
    const victim = await Victim.start()
    for (let i = 0; i < 30; i++) await victim.publish('pile/large', Array<string>(4).fill('x'.repeat(50_000)))
    const raw = await victim.upgraded()
    raw.socket.pause()
    raw.say({ type: 'hello', producer: 'p', subscribe: [{ id: 1, channel: 'pile/large', state: 1 }] })
    await until(async () => (await victim.memory()).mostBuffered > MEGABYTE)
    raw.socket.resume()
    expect((await raw.heard('subscribed')).snapshot?.state).toHaveLength(120)
    await raw.heard('live')
  })
})

describe('crowds', () => {
  it('[row 44] a thousand readers of one channel get every entry once, in order, though fifty of them stopped', async () => {
    const victim = await Victim.start()
    const readers = range(1, 950).map(() => new Follower(victim.origin, CHANNEL))
    const stopped = range(1, 50).map(() => deaf(victim.port, upgradeRequest(victim.port), hello()))
    await Promise.all(readers.map((reader) => reader.when(() => reader.isLive)))
    const before = await victim.memory()
    for (let i = 0; i < 50; i++) await victim.publish(CHANNEL, Array<string>(20).fill('x'.repeat(500)))
    await Promise.all(readers.map((reader) => reader.reached(1_000)))
    expect((await victim.memory()).rss - before.rss).toBeLessThan(2 * OWN_GROWTH + 50 * MEGABYTE)
    for (const socket of stopped) socket.destroy()
  })

  it('[row 45] [CN9] a draining server sends its crowd away over the whole window, not at once', async () => {
    const target = await Target.start()
    const crowd = await Promise.all(range(1, 200).map(() => target.welcomed()))
    const closing = target.server.close({ drainMs: 1_000 })
    const delays = (await Promise.all(crowd.map((raw) => raw.heard('drain')))).map(
      ({ retryAfterMs }) => retryAfterMs,
    )
    for (const quarter of [0, 250, 500, 750]) {
      expect(delays.filter((delay) => delay >= quarter && delay < quarter + 250).length).toBeGreaterThan(20)
    }
    expect(new Set(await Promise.all(crowd.map((raw) => raw.closed())))).toEqual(new Set([4503]))
    for (const raw of crowd) raw.socket.destroy()
    await closing
  })

  it('[row 45] [AU4] tokens that end in the same moment are not asked for in the same moment', async () => {
    const target = await Target.start()
    const crowd = await Promise.all(range(1, 100).map(() => target.welcomed({ token: 'ada@30000' })))
    const asked: number[] = []
    const began = performance.now()
    await until(() => {
      const now = crowd.filter((raw) => raw.of('refresh').length > 0).length
      asked.push(now)
      return now > 0 || performance.now() - began > 3_000
    })
    // Nobody is asked before nine tenths of a token’s life are over.
    expect(asked.at(-1)).toBe(0)
  })

  it('[row 45] five hundred connections that are cut at once leave nothing behind', async () => {
    const target = await Target.start({ limits: { presenceGraceMs: 100 } })
    const crowd = await Promise.all(
      range(1, 500).map(async () => {
        const raw = await target.welcomed({ subscribe: [{ id: 1, channel: CHANNEL, presence: 'counts' }] })
        raw.say({ type: 'enter', id: 2, channel: CHANNEL, state: { name: 'n' } })
        return raw
      }),
    )
    await until(() => target.server.presence({ name: CHANNEL } as never).total === 500)
    for (const raw of crowd) raw.socket.resetAndDestroy()
    await until(async () => (await target.sockets) === 0)
    await until(() => target.server.presence({ name: CHANNEL } as never).total === 0)
    expect(target.server.connections).toBe(0)
    expect(await target.server.metrics()).toContain('tidings_subscriptions_live 0\n')
  })
})

describe('presence', () => {
  it('[row 51] [PR5] a state of a megabyte, or of more than 2 KB, is refused, and nobody hears of it', async () => {
    const target = await Target.start()
    const raw = await target.welcomed({ subscribe: [{ id: 1, channel: CHANNEL, presence: 'members' }] })
    await raw.heard('presence')
    for (const [i, length] of [2_049, 10_000, 60_000].entries()) {
      raw.say({ type: 'enter', id: i, channel: CHANNEL, state: { name: 'x'.repeat(length) } })
    }
    await raw.heard('error', 3)
    expect(new Set(raw.of('error').map(({ code }) => code))).toEqual(new Set(['too-large']))
    expect(raw.of('presenceChange')).toEqual([])
    const huge = await target.welcomed()
    huge.say({ type: 'enter', id: 1, channel: CHANNEL, state: { name: 'x'.repeat(1_000_000) } })
    expect(await huge.closed()).toBe(1009)
  })

  it('[row 51] [PR4] a crowd is told as a number, and a flood of changes is bounded by turns', async () => {
    const target = await Target.start({
      limits: { presenceMembers: 50, framesPerSecond: 100_000, frameBurst: 100_000 },
    })
    const watcher = await target.welcomed({ subscribe: [{ id: 1, channel: CHANNEL, presence: 'members' }] })
    await watcher.heard('presence')
    const crowd = await Promise.all(range(1, 200).map(() => target.welcomed()))
    for (const [i, raw] of crowd.entries())
      raw.say({ type: 'enter', id: i, channel: CHANNEL, state: { name: `n${i}` } })
    await until(() => watcher.of('presenceChange').at(-1)?.total === 200)
    const last = watcher.of('presenceChange').at(-1)
    expect(last).not.toHaveProperty('joined')
    const answer = await target.get(`/v1/channels/${encodeURIComponent(CHANNEL)}/presence`)
    expect(await answer.json()).toEqual({ total: 200, members: [] })
    const before = watcher.frames.length
    const [first] = crowd
    first?.say(
      range(1, 350).map((id) => ({ type: 'enter', id, channel: CHANNEL, state: { name: `n${id}` } })),
    )
    await first?.heard('entered', 351)
    await target.isWell()
    expect(watcher.frames.length - before).toBeLessThan(5_000)
  })
})

it('a thousand streams that are opened and dropped leave nothing behind', async () => {
  const target = await Target.start()
  await target.fill(CHANNEL, 10)
  for (let i = 0; i < 1_000; i += 50) {
    await Promise.all(
      range(1, 50).map(
        () =>
          new Promise<void>((resolve) => {
            const sent = get(
              `${target.origin}${eventsPath(CHANNEL)}?after=start`,
              { headers: { accept: 'text/event-stream', authorization: `Bearer ${KEY}` }, agent: false },
              (response) => {
                response.on('error', () => {})
                response.once('data', () => sent.destroy())
              },
            )
            sent.on('error', () => {})
            sent.on('close', () => resolve())
          }),
      ),
    )
  }
  await until(async () => (await target.server.metrics()).includes('tidings_event_streams 0\n'))
  await until(async () => (await target.server.metrics()).includes('tidings_subscriptions_live 0\n'))
})
