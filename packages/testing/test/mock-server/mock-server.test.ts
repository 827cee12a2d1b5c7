// The mock on a port, with the shipped client over the platform's own WebSocket.

import { type Client, type ClientOptions, createClient } from '@tidings/client'
import { type MockServerOptions, startMockServer } from '@tidings/testing/mock-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ada, contract, metrics } from '../mock/academy.ts'
import { raised } from './raised.ts'

async function start(options: Partial<MockServerOptions<typeof contract>> = {}, own: ClientOptions = {}) {
  const mock = await startMockServer({ contract, ...options })
  const client: Client = createClient({ url: mock.url, backoff: { firstMs: 20, maxMs: 100 }, ...own })
  onTestFinished(async () => {
    client.close()
    await mock.close()
  })
  const offsets: number[] = []
  client.channel(metrics(ada)).onAny(({ offset }) => offsets.push(offset))
  await raised(() => client.connection.get().status === 'connected')
  return { mock, client, offsets, happen: () => mock.publish(metrics(ada), 'study_metrics_update') }
}

describe('a mock on a port', () => {
  it('is served by the real rim: events arrive, in order, and happen by themselves', async () => {
    const { offsets, happen } = await start({ everyMs: 100, history: 3 })
    await happen()
    await raised(() => offsets.length >= 4)
    expect(offsets).toEqual(offsets.map((_, i) => (offsets[0] as number) + i))
    expect(offsets[0]).toBeGreaterThan(3)
  })

  it('a network that is gone and comes back costs nothing', async () => {
    const { mock, client, offsets, happen } = await start()
    mock.fault('offline')
    await raised(() => client.connection.get().status === 'reconnecting')
    await happen()
    mock.restore()
    await raised(() => offsets.length === 1)
  })

  it('slow: what passes takes its time, in order', async () => {
    const { mock, offsets, happen } = await start()
    mock.fault('slow')
    const startedAt = performance.now()
    await Promise.all([happen(), happen(), happen()])
    await raised(() => offsets.length === 3)
    expect(performance.now() - startedAt).toBeGreaterThan(290)
    expect(offsets).toEqual([1, 2, 3])
  })

  it('a token that ends is asked for anew; a restart is nothing lost, a lost history is told', async () => {
    const asked: string[] = []
    const { mock, client, offsets, happen } = await start(
      {},
      {
        token: async ({ reason }) => {
          asked.push(reason)
          return 'ada'
        },
      },
    )
    mock.fault('expired-token')
    await raised(() => asked.length === 2 && client.connection.get().status === 'connected')
    expect(asked).toEqual(['connect', 'refused'])
    await happen()
    mock.fault('server-restart')
    await raised(() => client.connection.get().status === 'reconnecting')
    await raised(() => client.connection.get().status === 'connected')
    await happen()
    await raised(() => offsets.length === 2)
    const resets: string[] = []
    client.channel(metrics(ada)).onReset(({ reason }) => resets.push(reason))
    mock.fault('history-lost')
    await raised(() => resets.length === 1)
    expect(resets).toEqual(['epoch'])
  })

  it('is switched over HTTP, while everything else is cut off', async () => {
    const { mock, client, offsets } = await start()
    const ask = async (method: string, path: string, body?: string) => {
      const answer = await fetch(`${mock.url}${path}`, { method, ...(body !== undefined && { body }) })
      return { status: answer.status, ...(await answer.json()) }
    }
    expect(await ask('POST', '/mock/faults/offline')).toEqual({ status: 200, lasting: ['offline'] })
    await raised(() => client.connection.get().status === 'reconnecting')
    await expect(fetch(`${mock.url}/healthz`)).rejects.toThrow()
    expect((await ask('GET', '/mock')).lasting).toEqual(['offline'])
    expect(await ask('DELETE', '/mock/faults/offline')).toEqual({ status: 200, lasting: [] })
    const published = await ask('POST', '/mock/channels/metrics%2Fada/events/study_metrics_update')
    expect(published).toMatchObject({ status: 201, position: expect.stringMatching(/:1:/) })
    await raised(() => offsets.length === 1)
    expect((await ask('POST', '/mock/faults/nonsense')).detail).toContain(
      'There is no fault "nonsense"; there are offline',
    )
    expect((await ask('POST', '/mock/channels/metrics%2Fada/events/study_metrics_update', '{}')).status).toBe(
      400,
    )
    expect((await ask('GET', '/mock/nothing')).status).toBe(404)
  })

  it('a line that goes silent is noticed by neither end, and cut all the same when the mock closes', async () => {
    const { mock, client, offsets, happen } = await start()
    mock.fault('half-open')
    await happen()
    mock.fault('read-only')
    expect(client.connection.get().status).toBe('connected')
    expect(offsets).toEqual([])
    await mock.close()
  })
})
