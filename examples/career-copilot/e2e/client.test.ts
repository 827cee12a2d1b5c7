// The client by the product's own names and numbers, on virtual time, against a plain backend that a test holds in its
// hand; and the settings that it is made of.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Chance, SocketHandlers } from '@tidings/core'
import { VirtualClock } from '@tidings/core/testing'
import { root } from '@tidings/example-hello/e2e/site.ts'
import { build } from 'vite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createCareerClient } from '../client.ts'
import { readSettings } from '../settings.ts'
import { webSocketClient } from '../websocket-client.ts'

/** Waits are drawn from nothing to their bound; here they are the bound. */
const longest: Chance = { fraction: () => 1, token: (length) => 'n'.repeat(length) }

class Backend {
  readonly clock = new VirtualClock()
  readonly dialled: { readonly address: string; readonly at: number }[] = []
  readonly hungUpAt: number[] = []
  readonly heard: { readonly event: string; readonly data: unknown }[] = []
  isThere = true
  /** Takes connections, and never says that they are open. */
  isSilent = false
  #socket: SocketHandlers | undefined

  readonly open = (address: string, handlers: SocketHandlers) => {
    this.dialled.push({ address, at: this.clock.monotonic() })
    this.#socket = handlers
    this.clock.endOfTurn(() => {
      if (!this.isThere) this.cut()
      else if (!this.isSilent) handlers.opened()
    })
    return {
      bufferedBytes: 0,
      send: (text: string) => void this.heard.push(JSON.parse(text)),
      close: () => {
        this.hungUpAt.push(this.clock.monotonic())
        this.cut()
      },
    }
  }

  say(type: string, data: unknown): void {
    this.sayRaw(JSON.stringify({ type, data }))
  }

  sayRaw(text: string): void {
    this.#socket?.received(text)
  }

  cut(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.closed(1006, '')
  }

  /** What pages have said, without the keeping alive. */
  get said(): readonly unknown[] {
    return this.heard.filter(({ event }) => event !== 'ping' && event !== 'pong')
  }
}

function open() {
  const backend = new Backend()
  const settings = { user: 'ada', plainUrl: 'ws://localhost:8002/ws', isWebSocketEnabled: true }
  const client = createCareerClient(settings, { clock: backend.clock, chance: longest, open: backend.open })
  onTestFinished(() => client.close())
  return { backend, clock: backend.clock, client: webSocketClient(client, settings.user) }
}

const notification = (id: string) => ({
  id,
  category: 'social',
  title: `Note ${id}`,
  timestamp: '2026-11-20T09:00:00.000Z',
})

describe('the client', () => {
  it('connects and disconnects when it is told to, says how it stands, and tells whoever wants to know', async () => {
    const { backend, client, clock } = open()
    const told: string[] = []
    const stop = client.onStatusChange((status) => told.push(status))
    expect(client.getStatus()).toBe('disconnected')
    expect(client.isConnected()).toBe(false)
    client.connect()
    await clock.settle()
    expect(backend.dialled).toEqual([{ address: 'ws://localhost:8002/ws', at: expect.any(Number) }])
    expect(client.getStatus()).toBe('connected')
    expect(client.isConnected()).toBe(true)
    client.disconnect()
    await clock.advance(300_000)
    expect(client.getStatus()).toBe('disconnected')
    expect(backend.dialled).toHaveLength(1)
    stop()
    client.connect()
    await clock.settle()
    expect(told).toEqual(['connecting', 'connected', 'disconnected'])
  })

  it('gives the data of an event to its subscribers, until they unsubscribe', async () => {
    const { backend, client, clock } = open()
    const heard: unknown[] = []
    const unsubscribe = client.subscribe('notification:new', (data) => heard.push(data))
    client.connect()
    await clock.settle()
    backend.say('notification:new', notification('1'))
    await clock.settle()
    unsubscribe()
    backend.say('notification:new', notification('2'))
    await clock.settle()
    expect(heard).toEqual([notification('1')])
    expect(() => client.subscribe('job:withdrawn', () => undefined)).toThrow('job:withdrawn')
  })

  it('sends { event, data }, and answers ping with pong', async () => {
    const { backend, client, clock } = open()
    client.connect()
    await clock.settle()
    client.send('jobs:seen', {})
    await clock.settle()
    expect(backend.said).toEqual([{ event: 'jobs:seen', data: {} }])
    backend.say('ping', { at: 7 })
    await clock.settle()
    expect(backend.heard.at(-1)).toEqual({ event: 'pong', data: { at: 7 } })
  })

  it('logs a message that is wrong, and a handler that throws, and goes on', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    onTestFinished(() => logged.mockRestore())
    const { backend, client, clock } = open()
    const heard: unknown[] = []
    client.subscribe('notification:new', () => {
      throw new Error('a handler of the app')
    })
    client.subscribe('notification:new', (data) => heard.push(data))
    client.connect()
    await clock.settle()
    backend.sayRaw('no JSON at all')
    backend.say('notification:new', { id: 7 })
    backend.say('notification:new', notification('1'))
    await clock.settle()
    expect(heard).toEqual([notification('1')])
    expect(client.isConnected()).toBe(true)
    const lines = logged.mock.calls.map((words) => words.join(' '))
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/JSON/)
    expect(lines[1]).toMatch(/notification:new/)
    expect(lines[2]).toMatch(/a handler of the app/)
  })
})

describe('reconnection', () => {
  it('waits 1 s, half as long again each time, 30 s at most, and never gives up', async () => {
    const { backend, client, clock } = open()
    backend.isThere = false
    client.connect()
    await clock.advance(3_600_000)
    const waits = backend.dialled.slice(1).map(({ at }, i) => at - (backend.dialled[i]?.at ?? 0))
    expect(waits.slice(0, 10)).toEqual([
      1_000, 1_500, 2_250, 3_375, 5_063, 7_594, 11_391, 17_086, 25_629, 30_000,
    ])
    expect(new Set(waits.slice(10))).toEqual(new Set([30_000]))
    expect(backend.dialled.length).toBeGreaterThan(100)
    expect(client.getStatus()).toBe('reconnecting')
    backend.isThere = true
    await clock.advance(30_000)
    expect(client.getStatus()).toBe('connected')
  })

  it('gives a connection 5 s to open', async () => {
    const { backend, client, clock } = open()
    backend.isSilent = true
    client.connect()
    await clock.advance(4_999)
    expect(backend.hungUpAt).toEqual([])
    await clock.advance(1)
    expect(backend.hungUpAt).toHaveLength(1)
  })
})

describe('what is sent offline', () => {
  it('waits, in order, and goes out on return', async () => {
    const { backend, client, clock } = open()
    client.connect()
    await clock.settle()
    backend.isThere = false
    backend.cut()
    for (const id of ['a', 'b', 'c']) client.send('notification:read', { id, is_read: true })
    await clock.advance(5_000)
    expect(backend.said).toEqual([])
    backend.isThere = true
    await clock.advance(30_000)
    expect(backend.said).toEqual(
      ['a', 'b', 'c'].map((id) => ({ event: 'notification:read', data: { id, is_read: true } })),
    )
  })

  it('is 100 messages at most; one more is refused in words', () => {
    const { client } = open()
    for (let i = 0; i < 100; i++) client.send('jobs:seen', {})
    expect(() => client.send('jobs:seen', {})).toThrow(/100/)
  })
})

describe('the settings', () => {
  const address = (query = '') => new URL(`http://localhost:4000/career-copilot${query}`)

  it('come from NEXT_PUBLIC_WS_URL and NEXT_PUBLIC_ENABLE_WEBSOCKETS, and from the address for one visit', () => {
    expect(readSettings(address(), {})).toEqual({
      user: 'demo',
      plainUrl: undefined,
      isWebSocketEnabled: true,
    })
    const environment = {
      NEXT_PUBLIC_WS_URL: 'ws://localhost:8002/ws',
      NEXT_PUBLIC_ENABLE_WEBSOCKETS: 'false',
    }
    expect(readSettings(address(), environment)).toEqual({
      user: 'demo',
      plainUrl: 'ws://localhost:8002/ws',
      isWebSocketEnabled: false,
    })
    expect(readSettings(address('?user=ada&ws=/ws&websockets=on'), environment)).toEqual({
      user: 'ada',
      plainUrl: '/ws',
      isWebSocketEnabled: true,
    })
  })

  it('are built into the page', async () => {
    const outDir = mkdtempSync(join(tmpdir(), 'career-built-'))
    onTestFinished(() => rmSync(outDir, { recursive: true, force: true }))
    vi.stubEnv('NEXT_PUBLIC_WS_URL', 'ws://jobs.example:8002/ws')
    onTestFinished(() => void vi.unstubAllEnvs())
    const site = join(root, 'examples/site')
    await build({
      configFile: join(site, 'vite.config.ts'),
      logLevel: 'silent',
      build: { outDir, rolldownOptions: { input: join(site, 'career-copilot/index.html') } },
    })
    const scripts = readdirSync(join(outDir, 'assets')).filter((name) => name.endsWith('.js'))
    const built = scripts.map((name) => readFileSync(join(outDir, 'assets', name), 'utf8')).join('')
    expect(built).toContain('ws://jobs.example:8002/ws')
  })
})
