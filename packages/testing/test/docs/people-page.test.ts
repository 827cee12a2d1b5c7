// What docs/people.md shows are the files in people/, and they keep what the page says.

import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ClientOptions, createClient } from '@tidings/client'
import { TidingsError } from '@tidings/core'
import { type Authenticate, createServer, silentLogger } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { raised } from '../mock-server/raised.ts'
import { sessions } from './people/sessions.ts'
import { contract, notices, orders } from './people/src/contract.ts'

vi.stubEnv('TIDINGS_JWT_SECRET', 'a secret of thirty-two bytes, at least')
const { authenticate } = await import('./people/authenticate.ts')
const { authenticate: byCookie } = await import('./people/authenticate-by-cookie.ts')
const { authorize } = await import('./people/authorize.ts')
const { routes } = await import('./people/routes.ts')
const { token } = await import('./people/src/client.ts')

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const north = orders({ shop: 'north' })
const refused = (code: string) => expect.objectContaining({ code })
const ada = { user: 'ada', shops: ['north'], endsAt: Number.MAX_SAFE_INTEGER }

beforeEach(() => sessions.clear())

async function start(own: Authenticate = authenticate, options: ClientOptions = { token }) {
  const server = createServer({
    ...{ contract, authorize, authenticate: own },
    ...{ broker: memoryBroker(), logger: silentLogger },
  })
  const route = routes(server)
  const http = createHttp(async (request, response) => {
    if (!(await route(request, response))) response.writeHead(404).end()
  })
  server.attach(http)
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  // The browser's part: relative addresses, and the cookie of the page.
  const cookie = () => [...sessions.keys()].map((id) => `session=${id}`).join()
  const platform = globalThis.fetch
  vi.stubGlobal('fetch', (path: string, init: RequestInit) =>
    platform(new URL(path, url), { ...init, headers: { cookie: cookie() } }),
  )
  const client = createClient({ url, backoff: { firstMs: 20, maxMs: 100 }, ...options })
  onTestFinished(async () => {
    vi.unstubAllGlobals()
    client.close()
    await server.close({ drainMs: 0 })
    http.close()
  })
  const user = () => {
    const state = client.connection.get()
    return state.status === 'connected' ? (state.user ?? 'nobody') : undefined
  }
  client.connect()
  return { server, client, user }
}

it('the page about people shows what is tested', () => {
  const shown = [...read('../../../../docs/people.md').matchAll(/^```ts file=(\S+)\n(.*?)^```$/gms)]
  expect(shown.map(([, file]) => file)).toEqual([
    'authenticate.ts',
    'authenticate-by-cookie.ts',
    'authorize.ts',
    'routes.ts',
    'src/client.ts',
  ])
  for (const [, file, code] of shown) expect(code).toBe(read(`people/${file}`))
})

describe('the page about people', () => {
  it('[AU1] [AU3] a visitor reads the orders; who has signed in writes those of their own shop', async () => {
    const { client, user } = await start()
    await raised(() => user() === 'nobody')
    const channel = client.channel(north)
    onTestFinished(channel.hold())
    await raised(() => channel.continuity.get().status === 'live')
    await expect(channel.publish('placed', { id: '1' }).done).rejects.toEqual(refused('forbidden'))

    sessions.set('s1', ada)
    client.reconnect()
    await raised(() => user() === 'ada')
    await channel.publish('placed', { id: '2' }).done
    const south = client.channel(orders({ shop: 'south' }))
    await expect(south.publish('placed', { id: '3' }).done).rejects.toEqual(refused('forbidden'))
  })

  it('[AU3] the notices of a person are read by them alone, also after a visitor was denied', async () => {
    const { client, user } = await start()
    const [own, foreign] = ['ada', 'bo'].map((name) => client.channel(notices({ user: name })))
    for (const channel of [own, foreign]) onTestFinished(channel?.hold() ?? (() => {}))
    await raised(() => own?.continuity.get().status === 'denied')

    sessions.set('s1', ada)
    client.reconnect()
    await raised(() => user() === 'ada' && own?.continuity.get().status === 'live')
    expect(foreign?.continuity.get().status).toBe('denied')
  })

  it('[AU7] what a visitor had written, and no server had accepted, is not sent as whoever signs in', async () => {
    const { client, user } = await start()
    await raised(() => user() === 'nobody')
    client.disconnect()
    const written = client
      .channel(north)
      .publish('placed', { id: '1' })
      .done.catch((error) => error)
    sessions.set('s1', ada)
    client.reconnect()
    await raised(() => user() === 'ada')
    expect(await written).toEqual(refused('forbidden'))
    await client.channel(north).publish('placed', { id: '2' }).done
  })

  it('[AU6] signing out everywhere ends the connection, which comes back as a visitor', async () => {
    sessions.set('s1', ada)
    const { client, user } = await start()
    await raised(() => user() === 'ada')
    expect((await fetch('/api/sign-out-everywhere', { method: 'POST' })).status).toBe(204)
    await raised(() => user() === 'nobody')
    expect(client.connection.get().status).toBe('connected')
  })

  it('[AU1] a token that proves nothing makes nobody a visitor: the client asks three times, then it stops', async () => {
    const asked: string[] = []
    const { client } = await start(authenticate, {
      token: ({ reason }) => {
        asked.push(reason)
        return 'no.good.token'
      },
    })
    await raised(() => client.connection.get().status === 'error')
    expect(client.connection.get().reason).toBe('refused-credentials')
    expect(asked).toEqual(['connect', 'refused', 'refused'])
  })

  it('[AU1] an app without visitors says that nobody is signed in, and is connected once somebody is', async () => {
    const { client, user } = await start(authenticate, {
      token: async (request) => {
        const fresh = await token(request)
        if (fresh === undefined) throw new TidingsError('unauthenticated', 'Nobody is signed in.')
        return fresh
      },
    })
    await raised(() => client.connection.get().status === 'error')
    sessions.set('s1', ada)
    client.reconnect()
    await raised(() => user() === 'ada')
  })

  it('[AU1] a cookie says who somebody is, and without one they are a visitor', async () => {
    sessions.set('s1', ada)
    const asked = { token: undefined, origin: undefined, address: '::1' }
    expect(await byCookie({ ...asked, cookies: { session: 's1' } })).toEqual({
      ...{ user: 'ada', expiresAt: ada.endsAt },
      claims: { shops: ['north'] },
    })
    expect(await byCookie({ ...asked, cookies: {} })).toEqual({})
  })
})
