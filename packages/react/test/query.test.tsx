// @vitest-environment happy-dom
// Queries beside a channel: which of them an event makes stale, how often they are fetched, and which fetch is trusted.

import { QueryClient, QueryClientProvider, QueryObserver } from '@tanstack/react-query'
import { type QuerySyncOptions, syncQueries, useQuerySync } from '@tidings/react/query'
import { describe, expect, test } from 'vitest'
import { openPage } from './harness.tsx'
import { jobs, news } from './lobby.ts'

type Options = QuerySyncOptions<typeof jobs.definition>

/** A page whose jobs channel keeps queries fresh; each observed query counts its fetches. */
async function openQueries(options: Options = {}) {
  const page = openPage()
  const { server } = page
  const queries = new QueryClient()
  const fetches: string[] = []
  /** While set, a fetch ends when it is called. */
  const gates: (() => void)[] = []
  let isGated = false
  const observe = (queryKey: readonly string[]) =>
    new QueryObserver(queries, {
      queryKey,
      staleTime: Number.POSITIVE_INFINITY,
      queryFn: async () => {
        const name = queryKey.join('/')
        fetches.push(name)
        if (isGated) await new Promise<void>((resolve) => gates.push(resolve))
        return fetches.filter((fetched) => fetched === name).length
      },
    }).subscribe(() => undefined)
  const ref = jobs({ user: 'ada' })
  const stop = syncQueries(queries, page.client.channel(ref), {
    onJoin: 'trust',
    clock: server.clock,
    ...options,
  })
  await page.settle()
  const happen = async (...events: readonly [event: string, id: string][]) => {
    const entries = events.map(([event, id]) => server.append(ref.name, { event, data: { id } }))
    server.push(ref.name, entries)
    await page.advance(0)
    await page.settle()
  }
  return {
    page,
    queries,
    fetches,
    stop,
    observe,
    happen,
    gate: () => (isGated = true),
    open: async () => {
      for (const open of gates.splice(0)) open()
      await page.settle()
    },
    taken: () => fetches.splice(0),
  }
}

describe('an event makes the queries stale that the contract names for it', () => {
  test('and no others', async () => {
    const { page, observe, happen, taken } = await openQueries()
    for (const key of [['jobs', 'ada'], ['jobs', 'ben'], ['job', '7'], ['dashboard']]) observe(key)
    await page.settle()
    expect(taken()).toHaveLength(4)
    await happen(['recommended', '7'])
    await page.advance(1)
    expect(taken()).toEqual(['jobs/ada'])
    await page.advance(1_000)
    await happen(['withdrawn', '7'])
    await page.advance(1)
    expect(taken().sort()).toEqual(['job/7', 'jobs/ada', 'jobs/ben'])
    await page.advance(1_000)
    await happen(['viewed', '7'])
    await page.advance(5_000)
    expect(taken()).toEqual([])
  })

  test('each once, however many events one message had', async () => {
    const { page, observe, happen, taken } = await openQueries()
    observe(['jobs', 'ada'])
    await page.settle()
    taken()
    await happen(...Array.from({ length: 50 }, (_, i): [string, string] => ['recommended', `${i}`]))
    await page.advance(5_000)
    expect(taken()).toEqual(['jobs/ada'])
  })

  test('at most once in throttleMs, and never not at all', async () => {
    const { page, observe, happen, taken } = await openQueries({ throttleMs: 2_000 })
    observe(['jobs', 'ada'])
    await page.settle()
    taken()
    for (let i = 0; i < 10; i++) {
      await happen(['recommended', `${i}`])
      await page.advance(300)
    }
    // 3,000 ms: one at once, one after 2,000.
    expect(taken()).toEqual(['jobs/ada', 'jobs/ada'])
    await page.advance(2_000)
    expect(taken()).toEqual(['jobs/ada'])
    await page.advance(10_000)
    expect(taken()).toEqual([])
  })

  test('unless the filter leaves it out', async () => {
    const { page, observe, happen, taken } = await openQueries({ filter: ({ data }) => data.id !== '7' })
    observe(['jobs', 'ada'])
    await page.settle()
    taken()
    await happen(['recommended', '7'])
    await page.advance(5_000)
    expect(taken()).toEqual([])
    await happen(['recommended', '8'])
    await page.advance(1)
    expect(taken()).toEqual(['jobs/ada'])
  })

  test('and beyond a hundred keys everything that the channel touches, instead of a longer list', async () => {
    const { page, observe, happen, taken } = await openQueries()
    for (const key of [['jobs', 'ada'], ['dashboard']]) observe(key)
    await page.settle()
    taken()
    await happen(...Array.from({ length: 120 }, (_, i): [string, string] => ['withdrawn', `${i}`]))
    await page.advance(1)
    expect(taken()).toContain('dashboard')
  })
})

describe('a fetch that began before its query became stale', () => {
  test('is followed by one more, and one alone', async () => {
    const { page, queries, observe, happen, taken, gate, open } = await openQueries()
    gate()
    observe(['jobs', 'ada'])
    await page.settle()
    await happen(['recommended', '1'], ['recommended', '2'])
    await page.advance(3_000)
    await happen(['recommended', '3'])
    await page.advance(3_000)
    expect(taken()).toEqual(['jobs/ada'])
    await open()
    await page.advance(3_000)
    expect(taken()).toEqual(['jobs/ada'])
    await open()
    await page.advance(3_000)
    expect(taken()).toEqual([])
    expect(queries.getQueryData(['jobs', 'ada'])).toBeDefined()
  })

  test('is ended at once where the app prefers that', async () => {
    const { page, observe, happen, taken, gate } = await openQueries({ inFlight: 'cancel' })
    observe(['jobs', 'ada'])
    await page.settle()
    taken()
    gate()
    await happen(['recommended', '1'])
    await page.advance(1_000)
    await happen(['recommended', '2'])
    await page.advance(1_000)
    expect(taken()).toEqual(['jobs/ada', 'jobs/ada'])
  })
})

test('after a reset everything that the channel touches is fetched anew', async () => {
  const { page, observe, taken } = await openQueries()
  for (const key of [['jobs', 'ada'], ['job', '7'], ['dashboard']]) observe(key)
  await page.settle()
  taken()
  page.server.broadcast('jobs/ada', {
    type: 'reset',
    channel: 'jobs/ada',
    reason: 'trimmed',
    position: 'e2:0:',
  })
  await page.advance(1)
  expect(taken().sort()).toEqual(['dashboard', 'jobs/ada'])
})

test('what was fetched before the channel was joined is fetched once more, unless the app trusts it', async () => {
  for (const onJoin of ['refetch', 'trust'] as const) {
    const page = openPage()
    const queries = new QueryClient()
    let fetches = 0
    new QueryObserver(queries, {
      queryKey: ['dashboard'],
      queryFn: () => ++fetches,
      staleTime: Number.POSITIVE_INFINITY,
    }).subscribe(() => undefined)
    await page.settle()
    syncQueries(queries, page.client.channel(jobs({ user: 'ada' })), { onJoin, clock: page.server.clock })
    await page.advance(100)
    expect(fetches).toBe(onJoin === 'refetch' ? 2 : 1)
  }
})

test('what waited for its turn is told when the syncing ends, and nothing afterwards', async () => {
  const { page, observe, happen, taken, stop } = await openQueries()
  observe(['jobs', 'ada'])
  await page.settle()
  await happen(['recommended', '1'])
  await page.advance(1)
  await happen(['recommended', '2'])
  taken()
  stop()
  await page.settle()
  expect(taken()).toEqual(['jobs/ada'])
  await happen(['recommended', '3'])
  await page.advance(5_000)
  expect(taken()).toEqual([])
})

test('a channel of which the contract names no queries is refused in words', () => {
  const page = openPage()
  expect(() => syncQueries(new QueryClient(), page.client.channel(news({ topic: 'x' })))).toThrow(
    /gives "news\/x" no queries: declare channel\('news\/:topic'/,
  )
})

test('the hook keeps queries fresh while its component is mounted, with the filter of the latest render', async () => {
  const page = openPage()
  const queries = new QueryClient()
  const heard: string[] = []
  function Sync({ name }: { readonly name: string }) {
    useQuerySync(jobs({ user: 'ada' }), { filter: ({ data }) => heard.push(`${name} ${data.id}`) > 0 })
    return null
  }
  const show = (name: string) =>
    page.show(
      <QueryClientProvider client={queries}>
        <Sync name={name} />
      </QueryClientProvider>,
    )
  show('a')
  await page.settle()
  show('b')
  page.server.push('jobs/ada', [page.server.append('jobs/ada', { event: 'viewed', data: { id: '1' } })])
  await page.settle()
  expect(heard).toEqual(['b 1'])
  page.show(null)
  await page.advance(2_000)
  expect(page.server.frames('unsubscribe')).toHaveLength(1)
})
