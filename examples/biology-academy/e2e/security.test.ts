// What the academy asks of security, on a Tidings server with its contract: a token in the first message or in the URL,
// rights by person, validation and rates at the server, and no internal detail in an error that a client gets to see.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type Authorize, createHttpServer, createServer, type Limits, silentLogger } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { contract } from '../contract.ts'
import { type Message, WebSocketClient, type WebSocketClientOptions } from '../index.ts'

/** On a machine that is busy. */
const soon = { timeout: 20_000 }

const SECRET = 'postgres://academy:hunter2@db.internal/learners'

/** Whoever has a token is who it names; everybody hears their own metrics, and only the academy says how systems are. */
const authorize: Authorize = ({ identity, params, action, name }) => {
  if (params.user === 'broken') throw new Error(`no connection to ${SECRET}`)
  if (params.user !== undefined && params.user !== identity.user) return false
  return action !== 'publish' || name === 'study_session_start'
}

async function openServer(limits: Partial<Limits> = {}): Promise<string> {
  const http = createHttpServer()
  const server = createServer({
    contract,
    broker: memoryBroker(),
    authenticate: ({ token }) => (token?.startsWith('learner:') ? { user: token.slice(8) } : undefined),
    authorize,
    limits,
    logger: silentLogger,
  })
  server.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(async () => {
    await server.close({ drainMs: 1 })
    http.closeAllConnections()
    await new Promise<void>((resolve) => void http.close(() => resolve()))
  })
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}/v1/socket`
}

function open(options: WebSocketClientOptions) {
  const errors: string[] = []
  const messages: Message[] = []
  const client = new WebSocketClient({
    ...options,
    onError: (error) => errors.push(error.message),
    onMessage: (message) => messages.push(message),
  })
  onTestFinished(() => client.close())
  client.connect()
  return { client, errors, messages }
}

const start = { userId: 'ada', topic: 'Photosynthesis', timestamp: 1_000 }

/** A peer that speaks frames, past every check of a client. */
async function rawPeer(url: string, token: string) {
  const socket = new WebSocket(url, 'tidings.v1.json')
  onTestFinished(() => socket.terminate())
  const heard: Record<string, unknown>[] = []
  socket.on('message', (data) => {
    for (const line of String(data).split('\n')) {
      const parsed = JSON.parse(line)
      heard.push(...(Array.isArray(parsed) ? parsed : [parsed]))
    }
  })
  await once(socket, 'open')
  const say = (frame: object) => socket.send(JSON.stringify(frame))
  say({ type: 'hello', producer: 'raw-peer', token })
  await expect.poll(() => heard.some(({ type }) => type === 'welcome'), soon).toBe(true)
  return { heard, say, socket }
}

describe('a token', () => {
  it('goes with the first message, and is none of the address', async () => {
    const url = await openServer()
    const { client, messages } = open({ url, token: async () => 'learner:ada', userId: 'ada' })
    await expect.poll(() => client.status, soon).toBe('connected')
    expect(client.send('study_session_start', start)).toBe(true)
    await expect.poll(() => messages.map(({ payload }) => payload), soon).toEqual([start])
  })

  it('that is refused is asked for again, and then it is said that one has to sign in', async () => {
    const url = await openServer()
    let asked = 0
    const token = async () => {
      asked++
      return 'forged'
    }
    const { client, errors } = open({ url, token, reconnectInterval: 1 })
    await expect.poll(() => client.status, soon).toBe('error')
    expect(asked).toBeGreaterThan(1)
    expect(errors.at(-1)).toMatch(/credentials/)
  })

  it('stands in the URL of a plain server', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const asked = once(server, 'connection')
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live?course=biology`
    const { client } = open({ url, server: 'plain', token: async () => 'a b&c' })
    const [socket, request] = await asked
    onTestFinished(() => socket.terminate())
    expect(request.url).toBe('/live?course=biology&token=a%20b%26c')
    await expect.poll(() => client.status, soon).toBe('connected')
  })
})

describe('the server', () => {
  it('lets nobody hear what is another person’s, nor say what is the academy’s', async () => {
    const url = await openServer()
    const { heard, say } = await rawPeer(url, 'learner:eve')
    say({ type: 'subscribe', id: 1, channel: 'biology/metrics/ada' })
    const data = { status: 'outage', services: {}, uptime: 0, lastCheck: 0 }
    say({ type: 'publish', id: 2, channel: 'biology/status', event: 'system_status', data, sequence: 1 })
    await expect.poll(() => heard.filter(({ type }) => type === 'error').length, soon).toBe(2)
    expect(heard.filter(({ type }) => type === 'error').map(({ code }) => code)).toEqual([
      'forbidden',
      'forbidden',
    ])
  })

  it('checks what it is given, whatever the client let pass, and names the field', async () => {
    const url = await openServer()
    const { heard, say } = await rawPeer(url, 'learner:ada')
    const write = { type: 'publish', channel: 'biology/sessions', event: 'study_session_start' }
    say({ ...write, id: 1, sequence: 1, data: { ...start, timestamp: 'soon' } })
    await expect.poll(() => heard.some(({ type }) => type === 'error'), soon).toBe(true)
    expect(heard.find(({ type }) => type === 'error')).toMatchObject({
      code: 'invalid-data',
      message: expect.stringContaining('timestamp'),
    })
  })

  it('refuses what is too much, and the connection lives', async () => {
    const url = await openServer({ framesPerSecond: 5, frameBurst: 10 })
    const { heard, say, socket } = await rawPeer(url, 'learner:ada')
    for (let id = 1; id <= 15; id++) say({ type: 'subscribe', id, channel: 'biology/status' })
    await expect.poll(() => heard.some(({ code }) => code === 'rate-limited'), soon).toBe(true)
    const refusal = heard.find(({ code }) => code === 'rate-limited')
    expect(refusal?.retryAfterMs).toBeGreaterThan(0)
    expect(socket.readyState).toBe(WebSocket.OPEN)
  })

  it('says nothing of its insides where something broke there', async () => {
    const url = await openServer()
    const { heard, say } = await rawPeer(url, 'learner:broken')
    say({ type: 'subscribe', id: 1, channel: 'biology/metrics/broken' })
    await expect.poll(() => heard.some(({ code }) => code === 'internal'), soon).toBe(true)
    const all = JSON.stringify(heard)
    expect(all).not.toContain('hunter2')
    expect(all).not.toContain('db.internal')
    expect(all).not.toMatch(/\.ts:\d|node_modules|at \w+ \(/)
  })
})
