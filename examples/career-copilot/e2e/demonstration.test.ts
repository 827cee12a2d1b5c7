// The demonstration of Career Copilot: a backend in Python, a browser, a network that is cut, and two tabs.

import { isKept, launch, visit } from '@tidings/example-hello/e2e/browser.ts'
import { Link } from '@tidings/example-hello/e2e/link.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { entries, feed } from './feed.ts'
import {
  badge,
  banner,
  bell,
  dot,
  jobsLink,
  open,
  openTab,
  toastOf,
  toasts,
  unread,
  untilConnected,
} from './people.ts'

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

const path = '/career-copilot'
/** A client that has failed a few times in a row may wait this long before its next attempt. */
const PATIENCE_MS = 60_000

it('a backend in Python posts a match: toast, badge and list in an open browser, once for one key', async () => {
  const page = await open(browser, `${site.url}${path}?user=match`)
  const match = ['match', '--title', 'Grid planner', '--company', 'Elvia Nett', '--score', '91']
  const first = await feed(site, '--user', 'match', '--key', 'grid-1', ...match)
  const second = await feed(site, '--user', 'match', '--key', 'other', ...match.with(2, 'Dam inspector'))
  const toast = toastOf(page, 'Grid planner')
  await toast.waitFor()
  expect(await toast.innerText()).toMatch(/Elvia Nett · 91 % match/)
  await until('the badge counts two', async () => (await badge(page)) === 2)
  await page.getByRole('list', { name: 'Best matches' }).getByText('Grid planner').waitFor()
  expect(first).toMatch(/^job:recommendation \S+$/)
  expect(second).toMatch(/^job:recommendation \S+$/)

  await toastOf(page, 'Dam inspector').getByRole('button', { name: 'View' }).click()
  await page.getByRole('heading', { level: 2, name: 'Dam inspector' }).waitFor()
  const list = page.getByRole('list', { name: 'Jobs' })
  expect(await list.getByRole('listitem').count()).toBe(2)
  await until('the badge is cleared on the Jobs page', async () => (await badge(page)) === 0)

  // An open list takes in what comes, and a toast goes by itself, unless the pointer rests on it.
  await page.mouse.move(5, 5)
  await feed(site, '--user', 'match', 'match', '--title', 'Weir keeper', '--company', 'Landesamt Ems')
  await list.getByText('Weir keeper').waitFor()
  await until('toasts close by themselves', async () => (await toasts(page).count()) === 0)
  await until('nothing is new to who looks at it', async () => (await badge(page)) === 0)
})

it('the network is cut: banner, yellow then red; what changes meanwhile arrives once, and caches are fresh', async () => {
  const link = await Link.to(site.port)
  onTestFinished(() => link.close())
  const page = await open(browser, `${link.url}${path}/applications`)
  const row = page.locator('[data-application="app-214"]')
  await row.getByText('In review').waitFor()
  await page.evaluate(() => {
    const heard: unknown[] = []
    Object.assign(window, { heard, reconnected: 0 })
    window.career.subscribe('application:status_change', (data) => heard.push(data))
    window.addEventListener('websocket:reconnected', () =>
      Object.assign(window, { reconnected: (window as unknown as { reconnected: number }).reconnected + 1 }),
    )
  })

  link.cut()
  await dot(page, 'waiting').waitFor()
  await banner(page).getByText('No answer from the server').waitFor()
  await toastOf(page, 'Reconnecting…').waitFor()
  await dot(page, 'down').waitFor()
  await feed(
    site,
    ...['status', '--application', 'app-214', '--from', 'under_review', '--to', 'offer'],
    ...['--title', 'Data steward, water quality', '--company', 'Stadtentwässerung Graz'],
  )
  expect(await row.getByText('In review').isVisible()).toBe(true)
  await banner(page).getByRole('button', { name: 'Try now' }).waitFor()

  link.mend()
  await until('the page is connected', () => dot(page, 'live').isVisible(), PATIENCE_MS)
  await row.getByText('Offer', { exact: true }).waitFor()
  await page.getByRole('region', { name: 'While you were away: 1' }).waitFor()
  await until('the app is told', () =>
    page.evaluate(() => (window as unknown as { reconnected: number }).reconnected === 1),
  )
  // History has no toast, and came once.
  expect(await toastOf(page, 'Stadtentwässerung').count()).toBe(0)
  expect(await page.evaluate(() => (window as unknown as { heard: unknown[] }).heard.length)).toBe(1)
  await page.getByRole('navigation').getByRole('link', { name: 'Dashboard' }).click()
  await page
    .getByRole('list', { name: /^Applications, the latest/ })
    .getByRole('listitem')
    .first()
    .getByText('Offer')
    .waitFor()
})

it('two tabs: one toast, one sound, equal badges, and what is cleared in one is cleared in both', async () => {
  const { page: one, context } = await visit(browser, `${site.url}${path}?user=tabs`)
  onTestFinished(() => context.close())
  await context.addInitScript(() => {
    localStorage.setItem('notificationPreferences', JSON.stringify({ isSoundOn: true }))
    const create = BaseAudioContext.prototype.createOscillator
    Object.assign(window, { tones: 0 })
    BaseAudioContext.prototype.createOscillator = function () {
      ;(window as unknown as { tones: number }).tones++
      return create.call(this)
    }
    // Every toast that was ever put into the page, by its title.
    const shown = new Set<Element>()
    Object.assign(window, { shown })
    new MutationObserver(() => {
      for (const toast of document.querySelectorAll('.td-toast')) shown.add(toast)
    }).observe(document, { childList: true, subtree: true })
  })
  await one.reload()
  await untilConnected(one)
  const two = await openTab(context, `${site.url}${path}?user=tabs`)
  // A browser lets a page sound after a click.
  for (const tab of [one, two]) {
    await tab.bringToFront()
    await tab.getByRole('heading', { level: 1 }).click()
  }
  const sum = async (what: 'tones' | 'shown') => {
    const counts = await Promise.all(
      [one, two].map((tab) =>
        tab.evaluate((name) => {
          const value = (window as unknown as Record<string, number | Set<unknown>>)[name]
          return typeof value === 'number' ? value : (value?.size ?? 0)
        }, what),
      ),
    )
    return counts.reduce((total, count) => total + count, 0)
  }

  await feed(
    site,
    '--user',
    'tabs',
    'match',
    '--title',
    'Grid planner',
    '--company',
    'Elvia Nett',
    '--score',
    '91',
  )
  for (const tab of [one, two]) await until('the badge counts', async () => (await badge(tab)) === 1)
  await until('somebody shows it', async () => (await sum('shown')) > 0)
  await feed(site, '--user', 'tabs', 'notify', '--category', 'social', '--title', 'Amina Okafor wrote back')
  for (const tab of [one, two]) await until('the bell counts', async () => (await unread(tab)) === 1)
  await until('both are shown', async () => (await sum('shown')) >= 2)
  await until('both have sounded', async () => (await sum('tones')) >= 4)
  // Whoever does it twice does it when the other one has: by now that has had its time.
  await until('toasts are gone', async () => (await toasts(two).count()) + (await toasts(one).count()) === 0)
  expect(await sum('shown')).toBe(2)
  // Two tones are one sound.
  expect(await sum('tones')).toBe(4)

  await two.bringToFront()
  await jobsLink(two).click()
  for (const tab of [one, two]) await until('the badge is cleared', async () => (await badge(tab)) === 0)
  await bell(two).click()
  await two.getByRole('dialog').getByRole('button', { name: 'Mark all as read' }).click()
  for (const tab of [one, two]) await until('the bell is quiet', async () => (await unread(tab)) === 0)
})

it('without a network: an application waits, the page reloads and shows what it knew, and on return it goes out once', async () => {
  const link = await Link.to(site.port)
  onTestFinished(() => link.close())
  const match = ['match', '--title', 'Grid planner', '--company', 'Elvia Nett']
  await feed(site, '--user', 'offline', ...match)
  const page = await open(browser, `${link.url}${path}/jobs?user=offline`)
  const context = page.context()
  await page.getByRole('button', { name: 'Apply' }).waitFor()
  await until('the page is kept', () => isKept(page))

  await context.setOffline(true)
  link.cut()
  await banner(page).getByText('This device is offline').waitFor()
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByRole('article').getByText('Waiting to be sent').waitFor()
  await banner(page).getByText('Waiting to be sent: 1.').waitFor()

  const isStillThere = async () => {
    await banner(page).getByText('What you do waits here').waitFor()
    await page.getByRole('article').getByText('Waiting to be sent').waitFor()
    await banner(page).getByText('Waiting to be sent: 1.').waitFor()
  }
  await page.reload()
  await isStillThere()
  await page.getByRole('list', { name: 'Jobs' }).getByText('Grid planner').waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click()
  await page.getByRole('region', { name: 'Waiting to be sent' }).getByText('Grid planner').waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click()
  await page.reload()
  await isStillThere()

  link.mend()
  await context.setOffline(false)
  await page.getByRole('article').getByText('Applied').waitFor({ timeout: PATIENCE_MS })
  await until('nothing waits', async () => (await page.getByText('Waiting to be sent').count()) === 0)
  expect(await entries(site, 'career/offline/applications')).toMatchObject([
    { event: 'application:submitted', data: { job_title: 'Grid planner' } },
  ])
})
