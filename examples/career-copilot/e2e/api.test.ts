// The product's own HTTP API: what it answers, and applying without anything live.

import { freePort, Site } from '@tidings/example-hello/e2e/site.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entries, feed, firstWords } from './feed.ts'

let site: Site
beforeAll(async () => {
  site = await Site.start()
})
afterAll(async () => {
  await site?.stop()
})

const application = {
  id: 'app-1',
  job_id: 'job-1',
  job_title: 'Grid planner',
  company: 'Elvia Nett',
  status: 'submitted',
  applied_at: '2026-11-20T09:00:00.000Z',
}

interface Sending {
  readonly user: string
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

async function send({ user, body, headers = {} }: Sending) {
  const response = await fetch(`${site.url}/career-copilot/api/applications?user=${user}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, answer: await response.json() }
}

const read = async (resource: string, user: string) =>
  (await fetch(`${site.url}/career-copilot/api/${resource}?user=${user}`)).json()

describe('applying over HTTP', () => {
  it('is an application, and the same key once more is the same one', async () => {
    expect(await send({ user: 'once', body: application })).toEqual({ status: 201, answer: application })
    expect(await send({ user: 'once', body: application })).toEqual({ status: 200, answer: application })
    expect(await entries(site, 'career/once/applications')).toHaveLength(1)
    expect(await read('applications', 'once')).toMatchObject([{ id: 'app-1', status: 'submitted' }])
    expect(await read('dashboard', 'once')).toMatchObject({ active: 1 })
  })

  it('again, on another device or long after, changes nothing of what has become of it', async () => {
    await send({ user: 'again', body: application })
    await feed(
      site,
      ...['--user', 'again', 'status', '--application', 'app-1'],
      ...['--from', 'submitted', '--to', 'offer'],
    )
    const later = { ...application, applied_at: '2026-11-21T09:00:00.000Z' }
    expect(await send({ user: 'again', body: later, headers: { 'idempotency-key': 'key-2' } })).toMatchObject(
      { status: 201 },
    )
    expect(await read('applications', 'again')).toMatchObject([
      { id: 'app-1', status: 'offer', applied_at: application.applied_at },
    ])
  })

  for (const [what, sending, status, words] of [
    ['a field that is missing', { body: { ...application, company: '' } }, 422, /data\.company/],
    ['another status than submitted', { body: { ...application, status: 'offer' } }, 400, /submitted/],
    ['what is no JSON', { body: '{' }, 400, /application/],
    ['a form', { body: application, headers: { 'content-type': 'text/plain' } }, 415, /JSON/],
    ['no key', { body: application, headers: { 'idempotency-key': '' } }, 400, /Idempotency-Key/],
    [
      'more than an application can have',
      { body: { ...application, note: 'x'.repeat(20_000) } },
      413,
      /16384/,
    ],
  ] as const) {
    it(`refuses ${what}, says why, and adds nothing`, async () => {
      const { status: found, answer } = await send({ user: 'refused', ...sending })
      expect({ status: found, message: answer.message }).toEqual({
        status,
        message: expect.stringMatching(words),
      })
      expect(await read('applications', 'refused')).toEqual([])
    })
  }

  it('refuses a key that was used for something else', async () => {
    await send({ user: 'other', body: application })
    const { status } = await send({ user: 'other', body: { ...application, company: 'Nordlys Energi' } })
    expect(status).toBe(409)
  })
})

describe('the API', () => {
  it('says what there is, whose it has to be, and what may be posted', async () => {
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(`${site.url}/career-copilot/api/${path}`, { method })
      return [response.status, ((await response.json()) as { message: string }).message]
    }
    expect(await ask('salaries?user=demo')).toEqual([404, expect.stringContaining('jobs, recommendations')])
    expect(await ask('jobs')).toEqual([400, expect.stringContaining('user')])
    expect(await ask('jobs?user=demo', 'DELETE')).toEqual([405, expect.stringContaining('applications')])
    expect(await ask('jobs?user=demo', 'POST')).toEqual([405, expect.stringContaining('applications')])
  })
})

describe('the feed, where nobody listens', () => {
  it('says at once where it tries, why that fails, and that it goes on', async () => {
    const port = await freePort()
    const words = await firstWords(port)
    expect(words).toContain(`No answer from http://127.0.0.1:${port} (`)
    expect(words).toContain('trying on for a minute')
  })
})
