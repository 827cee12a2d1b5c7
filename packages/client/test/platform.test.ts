// The two files that touch the platform: its WebSocket, and what it says about the network and the page.

import { createClient } from '@tidings/client'
import { systemChance } from '@tidings/core'
import { naming } from '@tidings/core/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

/** The platform's WebSocket as far as the client uses it. */
class FakeWebSocket {
  static readonly OPEN = 1
  static readonly made: FakeWebSocket[] = []
  readonly address: string
  readonly protocols: readonly string[]
  readonly sent: string[] = []
  readyState = 0
  bufferedAmount = 0
  closedWith: number | undefined
  onopen = () => {}
  onmessage = (_: { data: unknown }) => {}
  onclose = (_: { code: number; reason: string }) => {}

  constructor(address: URL | string, protocols: readonly string[]) {
    this.address = String(address)
    this.protocols = protocols
    FakeWebSocket.made.push(this)
  }

  send(text: string): void {
    this.sent.push(text)
  }

  close(code: number): void {
    this.closedWith = code
  }

  open(): void {
    this.readyState = FakeWebSocket.OPEN
    this.onopen()
    this.onmessage({ data: '{"type":"welcome","connection":"c","you":"me","heartbeatMs":25000,"now":0}' })
  }
}

beforeEach(() => {
  FakeWebSocket.made.length = 0
  vi.stubGlobal('WebSocket', FakeWebSocket)
})
afterEach(() => void vi.unstubAllGlobals())

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the address', () => {
  test.for([
    ['ws://a.test/v1/socket', 'ws://a.test/v1/socket'],
    ['wss://a.test/other', 'wss://a.test/other'],
    ['http://a.test:4000/v1/socket', 'ws://a.test:4000/v1/socket'],
    ['https://a.test', 'wss://a.test/v1/socket'],
    [new URL('https://a.test/x?y=1'), 'wss://a.test/x?y=1'],
  ] as const)('%s is dialled as %s', async ([url, address]) => {
    const client = createClient({ url })
    client.connect()
    await turn()
    expect(FakeWebSocket.made.map((socket) => socket.address)).toEqual([address])
    expect(FakeWebSocket.made[0]?.protocols).toEqual(['tidings.v1.json'])
    client.close()
  })

  test.for([
    [undefined, 'wss://page.test/v1/socket'],
    ['/live', 'wss://page.test/live'],
  ] as const)('on a page, %s is on the page’s own server', async ([url, address]) => {
    vi.stubGlobal('location', { href: 'https://page.test/app/index.html' })
    const client = createClient({ url })
    client.connect()
    await turn()
    expect(FakeWebSocket.made.map((socket) => socket.address)).toEqual([address])
    client.close()
  })

  test.for(['/v1/socket', 'ftp://a.test', 'nonsense'])(
    'outside of a page, %s is an error that says what to give',
    async (url) => {
      const client = createClient({ url })
      client.connect()
      await turn()
      expect(client.connection.get()).toMatchObject({
        status: 'error',
        reason: 'policy',
        error: { code: 'bad-request', field: 'url' },
      })
      expect(FakeWebSocket.made).toHaveLength(0)
    },
  )
})

describe('the socket', () => {
  test('speaks once it is open, and hears text; anything binary is malformed', async () => {
    const errors: string[] = []
    const client = createClient({
      url: 'ws://a.test',
      chance: naming('p', systemChance),
      onError: ({ code }) => void errors.push(code),
    })
    client.connect()
    await turn()
    const [socket] = FakeWebSocket.made
    socket?.open()
    expect(socket?.sent).toEqual(['{"type":"hello","producer":"p"}'])
    expect(client.connection.get()).toMatchObject({ status: 'connected', you: 'me' })
    socket?.onmessage({ data: new ArrayBuffer(4) })
    expect(errors).toEqual(['bad-frame'])
    client.close()
    expect(socket?.closedWith).toBe(1000)
  })

  test('its end is told with code and reason', async () => {
    const client = createClient({ url: 'ws://a.test' })
    client.connect()
    await turn()
    FakeWebSocket.made[0]?.open()
    FakeWebSocket.made[0]?.onclose({ code: 4426, reason: 'too old' })
    expect(client.connection.get()).toMatchObject({
      status: 'error',
      reason: 'version',
      error: { message: 'too old' },
    })
  })

  test('a constructor that throws is an error, not an exception', async () => {
    vi.stubGlobal('WebSocket', function Refusing() {
      throw new DOMException('An insecure WebSocket may not be used here.', 'SecurityError')
    })
    const client = createClient({ url: 'ws://a.test' })
    client.connect()
    await turn()
    expect(client.connection.get()).toMatchObject({ status: 'error', reason: 'policy' })
  })
})

describe('network and page', () => {
  /** A page: events on the window and on the document. */
  function page() {
    const window = new EventTarget()
    const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
    const navigator = { onLine: true }
    vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
    vi.stubGlobal('document', document)
    vi.stubGlobal('navigator', navigator)
    return { window, document, navigator }
  }

  /** What makes the client ask the link: a ping for each hint that it woke up. */
  async function connected() {
    const here = page()
    const client = createClient({ url: 'ws://a.test' })
    client.connect()
    await turn()
    const [socket] = FakeWebSocket.made as [FakeWebSocket]
    socket.open()
    const pings = async () => {
      await turn()
      return socket.sent.filter((text) => text.includes('ping')).length
    }
    return { ...here, client, socket, pings }
  }

  test('online, visible, resume and a page out of the history make it ask the link', async () => {
    const { window, document, client, pings } = await connected()
    window.dispatchEvent(new Event('online'))
    expect(await pings()).toBe(1)
    document.dispatchEvent(new Event('visibilitychange'))
    expect(await pings()).toBe(2)
    document.dispatchEvent(new Event('resume'))
    expect(await pings()).toBe(3)
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    expect(await pings()).toBe(4)
    client.close()
  })

  test('hidden, frozen and a page that is merely shown do not', async () => {
    const { window, document, client, pings } = await connected()
    document.visibilityState = 'hidden'
    document.dispatchEvent(new Event('visibilitychange'))
    document.dispatchEvent(new Event('freeze'))
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }))
    expect(await pings()).toBe(0)
    client.close()
  })

  test('nothing is listened to after close()', async () => {
    const { window, client, pings } = await connected()
    client.close()
    window.dispatchEvent(new Event('online'))
    expect(await pings()).toBe(0)
  })

  test('a device without a network is not dialled from', async () => {
    const { window, navigator } = page()
    navigator.onLine = false
    const client = createClient({ url: 'ws://a.test' })
    client.connect()
    await turn()
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'offline' })
    navigator.onLine = true
    window.dispatchEvent(new Event('online'))
    await turn()
    expect(FakeWebSocket.made).toHaveLength(1)
    client.close()
  })
})

test('what nobody handles is reported as an uncaught error', async () => {
  const reported: unknown[] = []
  vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
  const client = createClient({ url: 'ws://a.test' })
  client.connect()
  await turn()
  FakeWebSocket.made[0]?.open()
  FakeWebSocket.made[0]?.onmessage({ data: '?' })
  expect(reported).toMatchObject([{ code: 'bad-frame' }])
  client.close()
})

test('making a client touches nothing of the platform', () => {
  const touch = vi.fn(() => {
    throw new Error('The platform was touched.')
  })
  for (const name of ['WebSocket', 'addEventListener', 'setTimeout', 'queueMicrotask', 'setImmediate'])
    vi.stubGlobal(name, touch)
  vi.stubGlobal('crypto', { getRandomValues: touch })
  createClient()
  expect(touch).not.toHaveBeenCalled()
})
