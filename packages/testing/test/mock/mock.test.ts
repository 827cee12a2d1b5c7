import { VirtualClock } from '@tidings/testing'
import { createMock } from '@tidings/testing/mock'
import { describe, expect, it } from 'vitest'
import { ada, contract, inbox, metrics, page, sessions } from './academy.ts'

describe('a mock in memory', () => {
  it('is talked to by the shipped client: what the backend publishes arrives, once and in order', async () => {
    const { clock, mock, client } = page()
    const heard: number[] = []
    client.channel(metrics(ada)).on('study_metrics_update', ({ progress }) => heard.push(progress))
    await clock.settle()
    expect(client.connection.get().status).toBe('connected')
    for (const progress of [10, 20, 30])
      await mock.publish(metrics(ada), 'study_metrics_update', {
        ...{ userId: 'ada', studyHours: 1, progress, streak: 2 },
      })
    await clock.settle()
    expect(heard).toEqual([10, 20, 30])
  })

  it('refuses what the contract refuses, as the server does', async () => {
    const { mock } = page()
    const wrong = mock.publish(metrics(ada), 'study_metrics_update', {
      ...{ userId: 'ada', studyHours: 99, progress: 1, streak: 1 },
    })
    await expect(wrong).rejects.toMatchObject({ code: 'invalid-data', field: 'data.studyHours' })
  })

  it('takes what a page publishes, and folds it into the state that the next page gets', async () => {
    const { clock, client, open } = page()
    const written = client.channel(inbox(ada)).publish('notification', {
      ...{ id: '1', title: 'First', message: 'm', type: 'info' as const },
    })
    await clock.settle()
    expect(written.status.get().name).toBe('accepted')
    const { state } = open().channel(inbox(ada))
    const release = state.subscribe(() => {})
    await clock.settle()
    expect(state.get()).toEqual(['First'])
    release()
  })

  it('knows people by their token, a JWT by its subject, and nobody without one', async () => {
    const { clock, client, open } = page({ user: 'ada' })
    const jwt = `e30.${btoa(JSON.stringify({ sub: 'grace' }))}.x`
    const clients = [client, open({ token: async () => 'linus' }), open({ token: async () => jwt })]
    for (const each of clients) each.connect()
    await clock.settle()
    expect(clients.map((each) => each.connection.get())).toMatchObject([
      { user: 'ada' },
      { user: 'linus' },
      { user: 'grace' },
    ])
  })

  it('lets other people be there, whatever the weather on the page is', async () => {
    const { clock, mock, client } = page()
    const room = client.channel(sessions({ topic: 'cells' }))
    const members = room.presence
    const release = members.subscribe(() => {})
    const mei = mock.person('mei')
    mei.channel(sessions({ topic: 'cells' })).enter({ name: 'Mei' })
    await clock.settle()
    expect(members.get().members.map(({ state }) => state.name)).toEqual(['Mei'])
    mock.fault('offline')
    await clock.settle()
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'offline' })
    expect(mei.connection.get().status).toBe('connected')
    release()
  })

  it('answers calls: by the handlers that it is given, else with what the schema allows', async () => {
    const invented = page()
    const asked = invented.client.channel(inbox(ada)).call('unread', {})
    await invented.clock.settle()
    expect((await asked).count).toBeTypeOf('number')
    const handled = page({ calls: { inbox: { unread: () => ({ count: 7 }) } } })
    const answered = handled.client.channel(inbox(ada)).call('unread', {})
    await handled.clock.settle()
    expect(await answered).toEqual({ count: 7 })
  })

  it('leaves no timer behind when page and mock are closed', async () => {
    const { clock, mock, client } = page({ everyMs: 1_000 })
    client.channel(metrics(ada)).on('study_metrics_update', () => {})
    mock.every(500, inbox(ada))
    await clock.advance(3_000)
    client.close()
    mock.close()
    await clock.settle()
    await clock.advance(60_000)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('what happens by itself', () => {
  it('every event of every channel that somebody follows, once in each interval', async () => {
    const { clock, client, problems, errors } = page({ everyMs: 5_000 })
    const heard: string[] = []
    client.channel(metrics(ada)).onAny(({ name }) => heard.push(name))
    client.channel(inbox(ada)).onAny(({ name }) => heard.push(name))
    await clock.advance(5_000)
    heard.length = 0
    await clock.advance(5_000)
    expect(heard.toSorted()).toEqual(['cleared', 'notification', 'study_metrics_update'])
    await clock.advance(5_000)
    expect(heard).toHaveLength(6)
    expect({ problems, errors }).toEqual({ problems: [], errors: [] })
  })

  it('goes on in one channel until it is stopped, with the events that were named', async () => {
    const { clock, mock, client } = page()
    const heard: string[] = []
    client.channel(inbox(ada)).onAny(({ name }) => heard.push(name))
    const stop = mock.every(1_000, inbox(ada), 'notification')
    await clock.advance(4_999)
    expect(heard).toEqual(Array(5).fill('notification'))
    stop()
    await clock.advance(10_000)
    expect(heard).toHaveLength(5)
  })

  it('a channel that is opened for the first time has a past, in the order of its times', async () => {
    const { clock, mock, client } = page({ history: 12 })
    const ages: number[] = []
    const channel = client.channel(sessions({ topic: 'cells' }))
    channel.configure({ after: 'start' })
    channel.onAny(({ at }) => ages.push(clock.now() - at))
    await clock.settle()
    expect(ages).toHaveLength(12)
    expect(ages).toEqual(ages.toSorted((a, b) => b - a))
    expect(Math.max(...ages)).toBeGreaterThan(60_000)
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0)
    expect((await mock.publish(sessions({ topic: 'cells' }), 'collaborative_session_update')).offset).toBe(13)
  })

  it('is the same for the same seed, and another for another', async () => {
    const titles = async (seed: number) => {
      const { clock, client } = page({ history: 5, seed })
      const heard: unknown[] = []
      const channel = client.channel(sessions({ topic: 'cells' }))
      channel.configure({ after: 'start' })
      channel.onAny(({ data }) => heard.push(data))
      await clock.settle()
      return heard
    }
    expect(await titles(1)).toEqual(await titles(1))
    expect(await titles(1)).not.toEqual(await titles(2))
  })

  it('refuses an interval that is none', () => {
    const clock = new VirtualClock()
    expect(() => createMock({ contract, clock, everyMs: 0 })).toThrow('give more than zero')
  })
})
