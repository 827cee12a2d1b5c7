// The server as part of an application: beside other listeners, with other functions, and at its end.

import { createServer as createPlainServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { channel, defineContract, TidingsError } from '@tidings/core'
import { createServer, silentLogger } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import * as z from 'zod'
import { contract, eventsPath, KEY, note, Rim, SteppedClock, until } from './rim.ts'

const said = (text: string) => ({ type: 'said', data: { text } })

async function application(listener?: RequestListener) {
  const clock = new SteppedClock()
  const broker = memoryBroker({ clock })
  const tidings = createServer({
    contract,
    broker,
    authenticate: () => ({}),
    apiKeys: [{ key: KEY }],
    logger: silentLogger,
    clock,
  })
  const http = createPlainServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const close = async () => {
    const closing = tidings.close({ drainMs: 1 })
    for (let i = 0; i < 30; i++) await clock.advance(20)
    await closing
    http.closeAllConnections()
    http.close()
  }
  onTestFinished(close)
  return { tidings, http, url, broker, close }
}

describe('beside an application', () => {
  it('answers what is its own, and leaves the rest to the listeners of before', async () => {
    const { tidings, http, url } = await application((_request, response) => response.end('the application'))
    tidings.attach(http)
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${url}/v1/nothing`)).json()).toMatchObject({ code: 'not-found' })
    for (const path of ['/', '/v10', '/healthz/x', '/hello'])
      expect(await (await fetch(`${url}${path}`)).text()).toBe('the application')
  })

  it('gives back what it took when it is detached, or closed', async () => {
    const { tidings, http, url } = await application((_request, response) => response.end('the application'))
    const detach = tidings.attach(http)
    detach()
    detach()
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('the application')
    expect(http.listenerCount('request')).toBe(1)
    expect(http.listenerCount('upgrade')).toBe(0)
  })

  it('answers 404 where there is nobody else', async () => {
    const { tidings, http, url } = await application()
    tidings.attach(http)
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
  })

  it('leaves upgrades at other addresses to the application', async () => {
    const { tidings, http, url } = await application()
    const chat = new WebSocketServer({ noServer: true })
    http.on('upgrade', (request, socket, head) =>
      chat.handleUpgrade(request, socket, head, (webSocket) => webSocket.close(4_000, 'the application')),
    )
    tidings.attach(http)
    const socket = new WebSocket(`${url.replace('http', 'ws')}/chat`)
    const reason = await new Promise<string>((resolve) =>
      socket.addEventListener('close', (event) => resolve(event.reason)),
    )
    expect(reason).toBe('the application')
  })

  it('can be handed single requests, and says which are not its own', async () => {
    const outcomes: boolean[] = []
    const { url } = await (async () => {
      const made = await application((request, response) => {
        void made.tidings.handle(request, response).then((isOurs) => {
          outcomes.push(isOurs)
          if (!isOurs) response.end('the application')
        })
      })
      return made
    })()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(await (await fetch(`${url}/other`)).text()).toBe('the application')
    expect(outcomes).toEqual([true, false])
  })

  it('says so at once when a body parser was faster', async () => {
    const made = await application((request, response) => {
      request.resume()
      request.on('end', () => void made.tidings.handle(request, response))
    })
    const response = await fetch(`${made.url}${eventsPath('note/lobby')}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(said('x')),
    })
    expect(response.status).toBe(500)
  })
})

describe('the state of a channel', () => {
  it('is what its entries up to the last publish add up to, for the application to read', async () => {
    const clock = new SteppedClock()
    const count = channel('count/:name', {
      events: { added: z.object({ by: z.number() }) },
      state: { version: 1, initial: 0, on: { added: (sum, { by }) => sum + by } },
    })
    const plain = channel('plain', { events: { added: z.object({}) } })
    const tidings = createServer({
      contract: defineContract({ count, plain }),
      broker: memoryBroker({ clock }),
      authenticate: () => ({}),
      logger: silentLogger,
      clock,
    })
    const ref = count({ name: 'a' })
    expect(await tidings.state(ref)).toBe(0)
    await tidings.publish(ref, 'added', { by: 2 })
    expect(await tidings.state(ref)).toBe(2)
    await tidings.publish(ref, 'added', { by: 3 })
    expect(await tidings.state(ref)).toBe(5)
    await expect(tidings.state(plain())).rejects.toThrow('no state')
    const stranger = { ...ref, name: 'elsewhere' }
    await expect(tidings.state(stranger)).rejects.toMatchObject({ code: 'unknown-channel' })
  })
})

describe('functions of the application', () => {
  it('that throw are a fault of the server: 500, and nothing is told', async () => {
    const rim = await Rim.start({
      authenticate: () => {
        throw new Error('the database of users is at 10.0.0.7')
      },
    })
    const reply = await rim.read('', { authorization: 'Bearer token' })
    expect(reply).toMatchObject({ status: 500, json: { code: 'internal' } })
    expect(reply.text).not.toContain('10.0.0.7')
    expect(rim.happenings).toContainEqual(expect.objectContaining({ name: 'fault' }))
  })

  it('that never answer do not keep anybody waiting for ever: 504', async () => {
    const rim = await Rim.start({ authenticate: () => new Promise(() => {}) })
    const timers = rim.clock.pendingTimers
    const asked = rim.read('', { authorization: 'Bearer token' })
    await until(() => rim.clock.pendingTimers > timers)
    await rim.clock.advance(30_000)
    expect(await asked).toMatchObject({ status: 504, json: { code: 'timeout' } })
  })

  it('that watch and throw hurt nobody', async () => {
    const rim = await Rim.start({
      observe: () => {
        throw new Error('a broken dashboard')
      },
    })
    expect((await rim.post(said('x'))).status).toBe(201)
  })
})

describe('a reader that leaves early', () => {
  it('leaves no stream behind', async () => {
    const broker = memoryBroker()
    const head = broker.head.bind(broker)
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let isAsked = false
    broker.head = async (channel) => {
      isAsked = true
      await held
      return head(channel)
    }
    const rim = await Rim.start({ broker })
    const socket = connect(rim.port, '127.0.0.1')
    socket.write(
      `GET ${eventsPath('note/lobby')} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer ${KEY}\r\n\r\n`,
    )
    await until(() => isAsked)
    socket.resetAndDestroy()
    await rim.ask('/healthz')
    release()
    await until(() => rim.happenings.some(({ name }) => name === 'subscribed'))
    await rim.ask('/healthz')
    expect((await rim.server.metrics()).split('\n')).toContain('tidings_event_streams 0')
  })

  it('leaves none behind either when the log answers too late', async () => {
    const broker = memoryBroker()
    const head = broker.head.bind(broker)
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    broker.head = (channel) => held.then(() => head(channel))
    const rim = await Rim.start({ broker })
    const timers = rim.clock.pendingTimers
    const asked = rim.read('', { accept: 'text/event-stream' })
    await until(() => rim.clock.pendingTimers > timers + 1)
    await rim.clock.advance(30_000)
    expect((await asked).status).toBe(504)
    release()
    await until(() => rim.happenings.some(({ name }) => name === 'subscribed'))
    await rim.ask('/healthz')
    expect((await rim.server.metrics()).split('\n')).toContain('tidings_event_streams 0')
  })
})

describe('the end', () => {
  it('closes the log, and may be asked for twice', async () => {
    const { tidings, close, broker } = await application()
    await close()
    await tidings.close()
    expect(broker.problem()).toBeDefined()
    await expect(tidings.publish(note({ room: 'lobby' }), 'said', { text: 'x' })).rejects.toBeInstanceOf(
      TidingsError,
    )
  })
})
