// The same app on the plain JSON backend that it had, and with everything live switched off.

import { launch, visit } from '@tidings/example-hello/e2e/browser.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { entries, feed } from './feed.ts'
import { badge, dot, jobsLink, open, toastOf, toasts } from './people.ts'
import { PlainBackend } from './plain-backend.ts'

let browser: Browser
let site: Site
beforeAll(async () => {
  browser = await launch()
  site = await Site.start()
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

it('on a plain backend: the same toasts and badge, ping answered with pong, and everything fetched anew after a drop', async () => {
  const backend = await PlainBackend.start(site.port)
  onTestFinished(() => backend.close())
  const page = await open(browser, `${backend.url}/career-copilot?user=plain&ws=/ws`)
  await until('a ping is answered', () => backend.heard.some(({ event }) => event === 'pong'))

  const job = {
    id: 'plain-1',
    title: 'Grid planner',
    company: 'Elvia Nett',
    location: 'Hamar',
    mode: 'remote',
    posted_at: new Date().toISOString(),
  }
  // A message that does not fit is skipped, and the rest goes on.
  backend.sayRaw('{"type": "job:recommendation", "data": {"job": 7}}')
  backend.sayRaw('no JSON at all')
  backend.say('job:recommendation', { job, match_score: 91 })
  await toastOf(page, 'Elvia Nett · 91 % match').waitFor()
  await until('the badge counts', async () => (await badge(page)) === 1)
  backend.say('application:status_change', {
    application_id: 'a1',
    old_status: 'submitted',
    new_status: 'rejected',
    company: 'Maple & Harrow',
    job_title: 'Analytics lead',
  })
  await toastOf(page, 'Rejected: Maple & Harrow').waitFor()

  await jobsLink(page).click()
  await until('what the page says goes up as event and data', () =>
    backend.heard.some(({ event }) => event === 'jobs:seen'),
  )
  await until('the badge is cleared', async () => (await badge(page)) === 0)

  // This server replays nothing: what was missed is fetched.
  const fetched = page.waitForResponse((response) => response.url().includes('/api/jobs?user=plain'))
  backend.drop()
  await fetched
  await dot(page, 'live').waitFor()
})

it('with WebSockets switched off nothing is dialled, the pages show what was fetched, and one can apply', async () => {
  await feed(site, '--user', 'off', 'match', '--title', 'Grid planner', '--company', 'Elvia Nett')
  // What a worker fetches for a page a test cannot lose on the way.
  const { page, context, errors } = await visit(browser, 'about:blank', { serviceWorkers: 'block' })
  onTestFinished(() => context.close())
  const dialled: string[] = []
  page.on('websocket', (socket) => dialled.push(socket.url()))
  await page.goto(`${site.url}/career-copilot/jobs?user=off&websockets=off`)
  await page.getByRole('list', { name: 'Jobs' }).getByText('Grid planner').waitFor()
  await page.getByText('Live updates are switched off').waitFor()

  // Applying works: over HTTP, once however often the answer is lost.
  let lost = 0
  await page.route('**/api/applications?user=off', async (route) => {
    if (route.request().method() !== 'POST' || lost++ > 0) return route.fallback()
    await route.fetch()
    return route.abort()
  })
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByRole('article').getByText('Applied').waitFor()
  expect(lost).toBe(2)
  expect(await entries(site, 'career/off/applications')).toMatchObject([
    { data: { job_title: 'Grid planner' } },
  ])
  await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click()
  await page.getByRole('list', { name: 'Waiting for an answer' }).getByText('Grid planner').waitFor()
  expect(dialled).toEqual([])
  expect(await toasts(page).count()).toBe(0)
  expect(errors).toEqual([])
})
