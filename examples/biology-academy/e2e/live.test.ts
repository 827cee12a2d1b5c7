// Biology Academy on a Tidings server in its own process: what is live, what is shared, and what outlives a drop.

import { launch } from '@tidings/example-hello/e2e/browser.ts'
import { Link } from '@tidings/example-hello/e2e/link.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, Page, WebSocketRoute } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { asLearner, connected, learnerOf, live, notify, open, settled } from './academy.ts'

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

const at = (path: string) => `${site.url}/biology-academy${path}`
const historyOf = async (channel: string) => {
  const response = await fetch(`${site.url}/v1/channels/${encodeURIComponent(channel)}/events?limit=1000`, {
    headers: { authorization: `Bearer ${site.apiKey}` },
  })
  return (
    (await response.json()) as {
      readonly entries: readonly { readonly event?: string; readonly data: unknown }[]
    }
  ).entries
}
const toasts = (page: Page, text: string) => page.locator('.td-toast', { hasText: text }).count()
const others = (page: Page) => page.getByRole('complementary', { name: 'Your session' })

describe('while somebody looks', () => {
  it('metrics, groups, notifications and systems are live; before, nothing has happened', async () => {
    expect(await historyOf('biology/status')).toEqual([])
    const page = await open(browser, at(''))
    await live(page)
    await page.getByText('All systems work').or(page.getByText('Some pages are slower')).first().waitFor()
    const together = page.getByRole('region', { name: 'Studying together' })
    await until('groups are shown', async () => (await together.getByRole('listitem').count()) === 4)
    const latest = page.getByRole('region', { name: 'Latest' })
    await until('notifications are shown', async () => (await latest.getByRole('listitem').count()) === 4)

    await page.getByRole('link', { name: 'Metrics', exact: true }).click()
    const rows = page.getByRole('region', { name: 'Last updates' }).locator('tbody tr')
    const first = await rows.first().innerText()
    await until('another update comes', async () => (await rows.first().innerText()) !== first, 60_000)
  })
})

describe('two people who study the same', () => {
  it('see one another, by name, and that one has left', async () => {
    const marta = await open(browser, at('/sessions'), {
      before: asLearner('learner-marta', 'Marta Lindqvist'),
    })
    const tomas = await open(browser, at('/sessions'), {
      before: asLearner('learner-tomas', 'Tomás Ferreira'),
    })
    await marta.getByRole('button', { name: 'Study Food webs' }).click()
    await tomas.getByRole('button', { name: 'Study Food webs' }).click()
    await others(marta).getByText('Tomás Ferreira').waitFor({ timeout: 60_000 })
    await others(tomas).getByText('Marta Lindqvist').waitFor({ timeout: 60_000 })
    await tomas.getByRole('button', { name: 'Leave Food webs' }).click()
    await others(marta).getByText('Tomás Ferreira').waitFor({ state: 'detached', timeout: 60_000 })
    const starts = (await historyOf('biology/sessions')).filter(({ data }) => 'timestamp' in (data as object))
    expect(starts.map(({ data }) => data)).toMatchObject([
      { userId: 'learner-marta', topic: 'Food webs' },
      { userId: 'learner-tomas', topic: 'Food webs' },
    ])
  })
})

describe('two tabs', () => {
  it('show one toast between them, and the same number', async () => {
    const one = await open(browser, at(''))
    const two = await one.context().newPage()
    await two.goto(at('/notifications'))
    await connected(one)
    await connected(two)
    const user = await learnerOf(one)
    await until('both have heard', async () => (await two.locator('.td-note').count()) >= 5, 60_000)
    await notify(site, user, { id: 'one-toast', title: 'Exactly one toast' })
    await two.getByText('Exactly one toast').first().waitFor()
    await one.getByRole('region', { name: 'Latest' }).getByText('Exactly one toast').waitFor()
    await until('one of them shows it', async () => {
      return (await toasts(one, 'Exactly one toast')) + (await toasts(two, 'Exactly one toast')) === 1
    })

    const badge = (page: Page) => page.getByRole('navigation').locator('.td-count').first()
    await until('both show the same number', async () => {
      return (await badge(one).innerText()) === (await badge(two).innerText())
    })
    await two.getByRole('button', { name: 'Mark all as read' }).click()
    await badge(one).waitFor({ state: 'detached' })
  })
})

describe('the network', () => {
  it('cut and restored: what was said meanwhile comes once, and one is told how much it was', async () => {
    const link = await Link.to(site.port)
    onTestFinished(() => link.close())
    const page = await open(browser, `${link.url}/biology-academy`)
    await live(page)
    const user = await learnerOf(page)
    const own = page.getByRole('navigation', { name: 'Pages' })
    link.cut()
    await page
      .getByRole('button', { name: /^(Reconnecting|Not connected|Offline)/ })
      .waitFor({ timeout: 60_000 })
    await notify(site, user, { id: 'meanwhile', title: 'Said while you were away' })
    link.mend()
    await connected(page)
    await page
      .getByText(/while you were away/i)
      .first()
      .waitFor({ timeout: 60_000 })
    await own.getByRole('link', { name: /^Notifications/ }).click()
    const notes = page.locator('.td-note', { hasText: 'Said while you were away' })
    await notes.first().waitFor({ timeout: 60_000 })
    expect(await notes.count()).toBe(1)
    expect(await toasts(page, 'Said while you were away')).toBe(0)
  })

  it('a session begun offline outlives a reload, and begins once when the server is back', async () => {
    const cable = { isCut: false, routes: new Set<WebSocketRoute>() }
    const page = await open(browser, at('/sessions'), {
      before: async (person) => {
        await asLearner('learner-offline', 'Ada')(person)
        await person.context.routeWebSocket(/\/v1\/socket/, (route) => {
          if (cable.isCut) return void route.close()
          cable.routes.add(route)
          route.connectToServer()
        })
      },
    })
    await connected(page)
    cable.isCut = true
    for (const route of cable.routes) await route.close()
    await page.getByRole('button', { name: 'Study Cell structure' }).click()
    await others(page).getByText('Waits for the connection').waitFor()
    await page.reload()
    // What it knew of groups is the server's; what waits is the browser's own.
    await page.goto(at('/status'))
    const waiting = page.getByRole('list', { name: 'Waiting to be sent' })
    await waiting.getByText('study_session_start').waitFor({ timeout: 60_000 })
    cable.isCut = false
    await page.getByRole('main').getByRole('button', { name: 'Reconnect' }).click()
    await waiting.waitFor({ state: 'detached', timeout: 60_000 })
    const starts = (await historyOf('biology/sessions')).filter(
      ({ data }) => (data as { readonly userId?: string }).userId === 'learner-offline',
    )
    expect(starts).toHaveLength(1)
  })
})

describe('without a connection', () => {
  it('a page that knows nothing says so, instead of promising that something is on its way', async () => {
    const page = await open(browser, at('/metrics'))
    await live(page)
    const times = page.getByRole('region', { name: 'Last updates' }).locator('tbody td:first-child')
    expect(new Set(await times.allInnerTexts()).size).toBeGreaterThan(8)
    // The page itself comes; what it dials is refused.
    await page.routeWebSocket(/\/v1\/socket/, (socket) => void socket.close({ code: 1013, reason: 'away' }))
    await page.goto(at(''))
    for (const name of ['Course progress', 'Systems', 'Studying together', 'Latest'])
      await page
        .getByRole('region', { name })
        .getByText('Not known at the moment')
        .waitFor({ timeout: 60_000 })
    expect(await page.locator('.waiting').count()).toBe(0)
    expect(await page.getByText('begins with your next').count()).toBe(0)
    await page.getByRole('link', { name: 'Notifications' }).first().click()
    await page.getByRole('main').getByText('Not known at the moment').waitFor()
  })

  it('neither systems nor company are told of as if they were known, from the moment one hangs up', async () => {
    const page = await open(browser, at('/sessions'))
    await settled(page)
    await page.getByRole('button', { name: 'Study Food webs' }).click()
    await others(page).getByRole('listitem').first().waitFor()
    const pages = page.getByRole('navigation', { name: 'Pages' })
    await pages.getByRole('link', { name: /^System status/ }).click()
    await page.getByRole('button', { name: 'Disconnect', exact: true }).click()
    const glance = page.getByRole('region', { name: 'At a glance' })
    // Long before a drop would have lasted.
    await glance.getByText('Not known at the moment').waitFor({ timeout: 4_000 })
    await pages.getByRole('link', { name: 'Study sessions' }).click()
    await others(page).getByText('not known at the moment').waitFor({ timeout: 4_000 })
    expect(await others(page).getByText('this with you').count()).toBe(0)
  })
})
