import { type Fault, faultTable, isLasting } from '@tidings/testing/mock'
import { describe, expect, it } from 'vitest'
import { ada, inbox, metrics, page } from './academy.ts'

/** A page that follows Ada's numbers, connected. */
async function follow() {
  const here = page()
  const channel = here.client.channel(metrics(ada))
  const offsets: number[] = []
  const resets: string[] = []
  channel.onAny(({ offset }) => offsets.push(offset))
  channel.onReset(({ reason }) => resets.push(reason))
  await here.clock.settle()
  const happen = () => here.mock.publish(metrics(ada), 'study_metrics_update')
  await happen()
  await here.clock.settle()
  return { ...here, offsets, resets, happen, status: () => here.client.connection.get() }
}

describe('faults', () => {
  it('offline: the page knows at once, and gets what it missed as soon as the network is back', async () => {
    const { clock, mock, offsets, happen, status } = await follow()
    mock.fault('offline')
    await clock.settle()
    expect(status()).toMatchObject({ status: 'reconnecting', reason: 'offline' })
    await happen()
    await happen()
    await clock.advance(60_000)
    expect(offsets).toEqual([1])
    mock.restore('offline')
    await clock.settle()
    expect(status().status).toBe('connected')
    expect(offsets).toEqual([1, 2, 3])
  })

  it('unreachable: dials fail until it is restored', async () => {
    const { clock, mock, offsets, happen, status } = await follow()
    mock.fault('unreachable')
    await happen()
    await clock.advance(5_000)
    expect(status()).toMatchObject({ status: 'reconnecting', reason: 'network' })
    expect(status().attempt).toBeGreaterThan(1)
    mock.restore()
    await clock.advance(60_000)
    expect(offsets).toEqual([1, 2])
  })

  it('slow: everything arrives, later and in order', async () => {
    const { clock, mock, offsets, happen } = await follow()
    mock.fault('slow')
    for (let i = 0; i < 5; i++) await happen()
    await clock.advance(299)
    expect(offsets).toEqual([1])
    await clock.advance(8_000)
    expect(offsets).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('flaky: connections break again and again, and nothing is lost or doubled', async () => {
    const { clock, mock, offsets, happen, client } = await follow()
    let breaks = 0
    client.connection.subscribe(() => {
      if (client.connection.get().status === 'reconnecting') breaks++
    })
    mock.fault('flaky')
    for (let i = 0; i < 60; i++) {
      await happen()
      await clock.advance(1_000)
    }
    expect(breaks).toBeGreaterThan(3)
    mock.restore('flaky')
    await clock.advance(60_000)
    expect(offsets).toEqual(Array.from({ length: 61 }, (_, i) => i + 1))
  })

  it('drop: one break, and back', async () => {
    const { clock, mock, offsets, happen, status } = await follow()
    mock.fault('drop')
    expect(status().status).toBe('reconnecting')
    await happen()
    await clock.advance(10_000)
    expect(status().status).toBe('connected')
    expect(offsets).toEqual([1, 2])
  })

  it('half-open: silence, until the client notices by itself', async () => {
    const { clock, mock, offsets, happen, status } = await follow()
    mock.fault('half-open')
    await happen()
    await clock.advance(20_000)
    expect(status().status).toBe('connected')
    expect(offsets).toEqual([1])
    await clock.advance(30_000)
    expect(status().status).toBe('connected')
    expect(offsets).toEqual([1, 2])
  })

  it('expired-token: a fresh one is asked for, and the page goes on', async () => {
    const { clock, mock, open } = page()
    const asked: string[] = []
    const client = open({
      token: async ({ reason }) => {
        asked.push(reason)
        return 'ada'
      },
    })
    client.connect()
    await clock.settle()
    mock.fault('expired-token')
    await clock.settle()
    expect(asked).toEqual(['connect', 'refused'])
    expect(client.connection.get()).toMatchObject({ status: 'connected', user: 'ada' })
  })

  it('signed-out: no token helps, until somebody signs in again', async () => {
    const { clock, mock, client, status } = await follow()
    mock.fault('signed-out')
    await clock.advance(60_000)
    expect(status()).toMatchObject({ status: 'error', reason: 'refused-credentials' })
    mock.restore('signed-out')
    client.reconnect()
    await clock.settle()
    expect(status().status).toBe('connected')
  })

  it('server-restart: readers are told, come back, and go on where they were', async () => {
    const { clock, mock, offsets, resets, happen, status } = await follow()
    mock.fault('server-restart')
    await clock.settle()
    expect(status()).toMatchObject({ status: 'reconnecting', reason: 'draining' })
    await happen()
    await clock.advance(30_000)
    expect(status().status).toBe('connected')
    expect({ offsets, resets }).toEqual({ offsets: [1, 2], resets: [] })
  })

  it('history-lost: readers are told that it is another history', async () => {
    const { clock, mock, offsets, resets, happen } = await follow()
    mock.fault('history-lost')
    await clock.advance(30_000)
    expect(resets).toEqual(['epoch'])
    await happen()
    await clock.settle()
    expect(offsets).toEqual([1, 1])
  })

  it('read-only: what a page writes is refused; log-down: it waits, and lands once', async () => {
    const { clock, mock, client } = page()
    const channel = client.channel(inbox(ada))
    const write = () => channel.publish('cleared', {})
    mock.fault('read-only')
    const refused = write()
    await clock.settle()
    expect(refused.status.get()).toMatchObject({ name: 'refused', error: { code: 'forbidden' } })
    mock.restore('read-only')
    mock.fault('log-down')
    const waiting = write()
    await clock.advance(3_000)
    expect(waiting.status.get().name).not.toBe('accepted')
    mock.restore('log-down')
    await clock.advance(60_000)
    expect(waiting.status.get()).toMatchObject({ name: 'accepted', position: { offset: 1 } })
  })

  it('can be followed: a switch in a page shows what lasts at the moment', () => {
    const { mock } = page()
    const seen: string[][] = []
    mock.faults.subscribe(() => seen.push([...mock.faults.get()]))
    mock.fault('slow')
    mock.fault('slow')
    mock.fault('offline')
    mock.fault('drop')
    mock.restore('slow')
    mock.restore()
    expect(seen).toEqual([['slow'], ['slow', 'offline'], ['offline'], []])
    expect(Object.keys(faultTable).filter((name) => isLasting(name as Fault))).toHaveLength(7)
  })
})
