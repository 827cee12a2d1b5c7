// The client over server-sent events and requests, against the real server: the same guarantees as over a WebSocket.

import { createServer as createHttp, type Server } from 'node:http'
import type { AddressInfo, Socket as NetSocket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { createClient, type Dial } from '@tidings/client'
import { dialWebSocket, fallbackDial, sseDial } from '@tidings/client/sse'
import { channel, defineContract } from '@tidings/core'
import { anonymous, createServer, silentLogger } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { until } from './hostile/until.ts'

const hello = channel('hello/:room', {
  events: { said: z.object({ text: z.string() }) },
  state: { version: 1, initial: [] as readonly string[], on: { said: (all, { text }) => [...all, text] } },
  signals: { typing: z.object({}) },
  presence: z.object({ name: z.string() }),
  calls: { shout: { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) } },
})
const contract = defineContract({ hello })
const lobby = hello({ room: 'lobby' })

async function start({ passesWebSockets = false } = {}) {
  const tidings = createServer({
    contract,
    broker: memoryBroker(),
    authenticate: anonymous(),
    calls: { hello: { shout: ({ text }) => ({ text: text.toUpperCase() }) } },
    logger: silentLogger,
  })
  const http: Server = createHttp()
  tidings.attach(http)
  let upgrades = 0
  if (!passesWebSockets) {
    http.removeAllListeners('upgrade')
    http.on('upgrade', (_, socket) => {
      upgrades++
      socket.destroy()
    })
  }
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await tidings.close({ drainMs: 0 })
    http.closeAllConnections()
    http.close()
  })
  const { port } = http.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}/v1/socket`
  const open = (options: Parameters<typeof createClient>[0] = {}) => {
    const client = createClient({ url, dial: sseDial(), backoff: { firstMs: 20, maxMs: 200 }, ...options })
    onTestFinished(() => client.close())
    return client
  }
  return { tidings, http, url, open, upgrades: () => upgrades }
}

test('[ST1][ST2] everything that a WebSocket carries goes over HTTP: events, writes, presence, signals, calls', async () => {
  const { open, tidings } = await start()
  const [ada, ben] = [open(), open()]
  const [hers, his] = [ada.channel(lobby), ben.channel(lobby)]
  const heard: string[] = []
  const typing: string[] = []
  his.on('said', ({ text }, { origin }) => heard.push(`${text} ${origin}`))
  his.onSignal('typing', (_, from) => typing.push(from))
  hers.presence.subscribe(() => undefined)
  his.enter({ name: 'Ben' })
  await until(() => his.continuity.get().status === 'live' && hers.presence.get().total === 1)
  await Promise.all(['1', '2', '3'].map((text) => hers.publish('said', { text }).done))
  await tidings.publish(lobby, 'said', { text: 'line\nbreak' })
  hers.signal('typing', {})
  await until(() => heard.length === 4 && typing.length === 1)
  expect(heard).toEqual(['1 live', '2 live', '3 live', 'line\nbreak live'])
  expect(await hers.call('shout', { text: 'hi' })).toEqual({ text: 'HI' })
  expect(ada.connection.get()).toMatchObject({ status: 'connected' })
})

test('[ST3] five hundred events through broken connections arrive once and in order, and writes take effect once', async () => {
  const { open, http, tidings } = await start()
  const client = open()
  const room = client.channel(lobby)
  const heard: string[] = []
  room.on('said', ({ text }) => heard.push(text))
  await until(() => room.continuity.get().status === 'live')
  for (let i = 0; i < 250; i++) {
    await tidings.publish(lobby, 'said', { text: `b${i}` })
    room.publish('said', { text: `c${i}` })
    if (i % 60 === 30) http.closeAllConnections()
  }
  await until(() => client.outbox.get().length === 0 && heard.length >= 500)
  const of = (letter: string) => heard.filter((text) => text.startsWith(letter))
  expect(of('b')).toEqual(Array.from({ length: 250 }, (_, i) => `b${i}`))
  expect(of('c')).toEqual(Array.from({ length: 250 }, (_, i) => `c${i}`))
  expect(room.continuity.get()).toMatchObject({ status: 'live', verdict: { name: 'resumed' } })
})

test('[ST3] a server that goes away says so, and when to come back', async () => {
  const { open, tidings } = await start()
  const client = open()
  const statuses: (string | undefined)[] = []
  client.connection.subscribe(() => statuses.push(client.connection.get().reason))
  client.connect()
  await until(() => client.connection.get().status === 'connected')
  void tidings.close({ drainMs: 100 })
  await until(() => statuses.includes('draining'))
})

test('[ST2] a request that came twice has one effect; a gap ends the connection; a stranger’s key is 404', async () => {
  const { url } = await start()
  const address = url.replace('ws:', 'http:').replace('socket', 'stream')
  const stream = await fetch(address, { method: 'POST' })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const read = async (what: RegExp) => {
    while (!what.test(text)) {
      const chunk = await reader?.read()
      if (!chunk || chunk.done) break
      text += chunk.value
    }
    return what.exec(text)?.[1] ?? ''
  }
  const key = await read(/event: open\ndata: (\w+)\n/)
  const post = (n: number | string, frames: unknown, to = key) =>
    fetch(`${address}/${to}?n=${n}`, { method: 'POST', body: JSON.stringify(frames) }).then(
      ({ status }) => status,
    )
  expect(await post(1, { type: 'hello', producer: 'p'.repeat(22) })).toBe(204)
  const publish = {
    type: 'publish',
    id: 1,
    channel: lobby.name,
    event: 'said',
    data: { text: 'x' },
    sequence: 1,
  }
  expect(await post(2, publish)).toBe(204)
  expect(await post(2, publish)).toBe(204)
  expect(await post(3, { type: 'ping' })).toBe(204)
  await read(/(pong)/)
  expect(text.match(/"ack"/g)).toHaveLength(1)
  expect(await post('x', { type: 'ping' })).toBe(400)
  expect(await post(4, { type: 'ping' }, 'somebody')).toBe(404)
  expect(await post(9, { type: 'ping' })).toBe(409)
  expect(await read(/event: closed\ndata: (\d+)/)).toBe('4400')
  expect(await post(10, { type: 'ping' })).toBe(404)
})

test('[ST1] a page of a foreign origin opens nothing', async () => {
  const { url } = await start()
  const address = url.replace('ws:', 'http:').replace('socket', 'stream')
  const { status } = await fetch(address, { method: 'POST', headers: { origin: 'https://evil.example' } })
  expect(status).toBe(403)
})

test('[ST4] a reader that stops reading costs less than 1 MB of 20, and gets everything when it reads again', async () => {
  const { url, http, tidings } = await start()
  const sockets = new Set<NetSocket>()
  http.on('connection', (socket) => sockets.add(socket))
  const address = url.replace('ws:', 'http:').replace('socket', 'stream')
  const stream = await fetch(address, { method: 'POST' })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = (await reader?.read())?.value ?? ''
  const hello = { type: 'hello', producer: 'p'.repeat(22), subscribe: [{ id: 1, channel: lobby.name }] }
  await fetch(`${address}/${/data: (\w+)/.exec(text)?.[1]}?n=1`, {
    method: 'POST',
    body: JSON.stringify(hello),
  })
  let mostBytes = 0
  for (let i = 0; i < 400; i++) {
    await tidings.publish(lobby, 'said', { text: `<${i}> ${'x'.repeat(50_000)}` })
    await setImmediate()
    mostBytes = Math.max(mostBytes, ...[...sockets].map((socket) => socket.writableLength))
  }
  expect(mostBytes).toBeGreaterThan(50_000)
  expect(mostBytes).toBeLessThan(1_048_576)
  while (!text.includes('<399>')) text += (await reader?.read())?.value?.replaceAll('x', '') ?? ''
  expect([...text.matchAll(/<(\d+)>/g)].map(([, n]) => Number(n))).toEqual(
    Array.from({ length: 400 }, (_, i) => i),
  )
  await reader?.cancel()
})

test('where WebSockets do not pass, the next way is tried at once, and kept', async () => {
  const { open, http, upgrades } = await start()
  const client = open({ dial: fallbackDial(dialWebSocket, sseDial()) })
  const room = client.channel(lobby)
  room.hold()
  await until(() => room.continuity.get().status === 'live')
  expect(upgrades()).toBe(1)
  http.closeAllConnections()
  await until(() => client.connection.get().status !== 'connected')
  await until(() => client.connection.get().status === 'connected')
  expect(upgrades()).toBe(1)
})

test('where there is no WebSocket at all, or the page may not use it, the next way has its turn', async () => {
  const { open } = await start()
  const none: Dial = () => {
    throw new ReferenceError('WebSocket is not defined')
  }
  const client = open({ dial: fallbackDial(none, sseDial()) })
  client.connect()
  await until(() => client.connection.get().status === 'connected')
  const helpless = open({ dial: fallbackDial(none, none) })
  helpless.connect()
  await until(() => helpless.connection.get().status === 'error')
})

test('where WebSockets pass, nothing else is tried', async () => {
  const { open, http } = await start({ passesWebSockets: true })
  const paths: (string | undefined)[] = []
  http.on('request', ({ url }) => paths.push(url))
  const client = open({ dial: fallbackDial(dialWebSocket, sseDial()) })
  client.connect()
  await until(() => client.connection.get().status === 'connected')
  expect(paths).toEqual([])
})

test('a client that changes its mind at once has not tried the first way in vain', async () => {
  const { open, http } = await start({ passesWebSockets: true })
  const paths: (string | undefined)[] = []
  http.on('request', ({ url }) => paths.push(url))
  const client = open({ dial: fallbackDial(dialWebSocket, sseDial()) })
  client.connect()
  // As far as the dial.
  await setImmediate()
  client.disconnect()
  client.connect()
  await until(() => client.connection.get().status === 'connected')
  expect(paths).toEqual([])
})

test('a way on which nothing comes is given up for the next', async () => {
  const { open } = await start({ passesWebSockets: true })
  const silent: Dial = () => ({ bufferedBytes: 0, send: () => {}, close: () => {} })
  const client = open({ dial: fallbackDial(silent, dialWebSocket), connectTimeoutMs: 600 })
  client.connect()
  await until(() => client.connection.get().status === 'connected')
})
