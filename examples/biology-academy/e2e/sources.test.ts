// The same pages without a Tidings server: against a plain one in its own process, and in mock mode with none at all.

import { createRequire } from 'node:module'
import { launch } from '@tidings/example-hello/e2e/browser.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connected, live, open, PlainServer } from './academy.ts'

let browser: Browser
let site: Site
let plain: PlainServer
beforeAll(async () => {
  browser = await launch()
  site = await Site.start()
  plain = await PlainServer.start()
})
afterAll(async () => {
  await browser?.close()
  await plain?.stop()
  await site?.stop()
})

/** What each of the five pages shows once messages have come. */
const shows: readonly (readonly [path: string, has: (page: Page) => Promise<boolean>])[] = [
  [
    '',
    async (page) => (await page.getByRole('region', { name: 'Latest' }).getByRole('listitem').count()) > 0,
  ],
  ['/metrics', async (page) => (await page.locator('tbody tr').count()) > 0],
  ['/sessions', async (page) => (await page.locator('.row .td-presence-face').count()) > 0],
  ['/notifications', async (page) => (await page.locator('.td-note').count()) > 0],
  ['/status', async (page) => (await page.locator('.check:not([data-none])').count()) > 0],
]

describe('each of the five pages', () => {
  it.each(['tidings', 'plain', 'mock'])('works by itself, from %s', async (source) => {
    const query = `?source=${source}&plain=${encodeURIComponent(plain.url)}`
    for (const [path, has] of shows) {
      const page = await open(browser, `${site.url}/biology-academy${path}${query}`)
      await connected(page)
      await until(`messages are shown on ${path || 'the dashboard'}`, () => has(page), 60_000)
      await page.context().close()
    }
  })

  it('goes on where another source is chosen in the page: a plain server, none, and Tidings again', async () => {
    const sockets: string[] = []
    const page = await open(
      browser,
      `${site.url}/biology-academy/metrics?plain=${encodeURIComponent(plain.url)}`,
      {
        before: async ({ page }) =>
          page.on('websocket', (socket) => sockets.push(new URL(socket.url()).port)),
      },
    )
    await live(page)
    const choose = async (name: RegExp) => {
      await page.locator('.source-button').click()
      await page.getByRole('radio', { name }).check()
      await page.keyboard.press('Escape')
      await connected(page)
      await until('updates are shown', async () => (await page.locator('tbody tr').count()) > 0, 60_000)
      return page.locator('.source-button').innerText()
    }
    expect(sockets.splice(0)).toEqual([String(site.port)])
    expect(await choose(/^Plain server/)).toContain('Plain server')
    expect(sockets.splice(0)).toEqual([String(plain.port)])
    expect(await choose(/^No server/)).toContain('No server')
    expect(sockets.splice(0)).toEqual([])
    expect(await choose(/^Tidings server/)).toContain('Tidings server')
    expect(sockets.splice(0)).toEqual([String(site.port)])
  })
})

describe('what waits', () => {
  it('is listed, can be cleared, and then begins nothing', async () => {
    const page = await open(browser, `${site.url}/biology-academy/status?source=mock`)
    await connected(page)
    const main = page.getByRole('main')
    await main.getByRole('button', { name: 'Disconnect' }).click()
    const own = page.getByRole('navigation', { name: 'Pages' })
    await own.getByRole('link', { name: 'Study sessions' }).click()
    await page.getByRole('button', { name: 'Study Food webs' }).click()
    await page.getByText('Waits for the connection').waitFor()
    await own.getByRole('link', { name: /^System status/ }).click()
    const waiting = page.getByRole('list', { name: 'Waiting to be sent' })
    await waiting.getByText('study_session_start').waitFor()
    await main.getByRole('button', { name: 'Clear the queue' }).click()
    await waiting.waitFor({ state: 'detached' })
    await main.getByRole('button', { name: 'Reconnect' }).click()
    await connected(page)
  })
})

describe('on a plain server', () => {
  const address = () =>
    `${site.url}/biology-academy/sessions?source=plain&plain=${encodeURIComponent(plain.url)}`

  it('messages of every type are shown, and it hears that one begins to study', async () => {
    const page = await open(browser, address())
    await connected(page)
    await page.getByRole('button', { name: 'Study Photosynthesis' }).click({ timeout: 60_000 })
    const mine = page.getByRole('complementary', { name: 'Your session' })
    await mine.getByText(/others? stud(y|ies) this with you/).waitFor({ timeout: 60_000 })
    await mine.getByText('not who has this page open').waitFor()

    const own = page.getByRole('navigation', { name: 'Pages' })
    await own.getByRole('link', { name: 'Overview' }).click()
    await live(page)
    const latest = page.getByRole('region', { name: 'Latest' })
    await until('notifications come', async () => (await latest.getByRole('listitem').count()) > 1, 60_000)
    await page.getByRole('region', { name: 'Systems' }).getByText('Course API').waitFor()
  })

  it('gone and back, the page keeps what it knew and says that something is missing', async () => {
    const page = await open(browser, address().replace('/sessions', '/metrics'))
    await live(page)
    await plain.stop()
    await page.getByRole('button', { name: /^(Reconnecting|Not connected)/ }).waitFor({ timeout: 60_000 })
    await live(page)
    await plain.start()
    await connected(page)
    await page.locator('.td-continuity[data-gap]').waitFor({ timeout: 60_000 })
    const rows = page.getByRole('region', { name: 'Last updates' }).locator('tbody tr')
    const first = await rows.first().innerText()
    await until('updates go on', async () => (await rows.first().innerText()) !== first, 60_000)
  })
})

describe('a plain server that was not started', () => {
  it('is named in the page, with the command that starts it', async () => {
    const page = await open(browser, `${site.url}/biology-academy?source=plain`, {
      // Whatever listens at that address on this machine.
      before: ({ page }) => page.routeWebSocket('ws://127.0.0.1:8003/**', (socket) => void socket.close()),
    })
    const banner = page.locator('.td-banner')
    await banner.getByText('No answer from ws://127.0.0.1:8003.').waitFor({ timeout: 60_000 })
    const { scripts } = createRequire(import.meta.url)('../package.json')
    expect(scripts).toHaveProperty('plain')
    expect(await banner.innerText()).toContain('npm run plain --workspace examples/biology-academy')
  })
})

describe('with no server at all', () => {
  it('messages of every type come, nothing is dialled, and the connection can be cut and restored', async () => {
    const sockets: string[] = []
    const page = await open(browser, `${site.url}/biology-academy?source=mock`, {
      before: async ({ page }) => page.on('websocket', (socket) => sockets.push(socket.url())),
    })
    await connected(page)
    await live(page)
    await page.getByRole('region', { name: 'Systems' }).getByText('Course API').waitFor()
    const latest = page.getByRole('region', { name: 'Latest' })
    await until(
      'notifications have come',
      async () => (await latest.getByRole('listitem').count()) === 4,
      60_000,
    )
    const newest = latest.getByRole('listitem').first()
    const before = await newest.innerText()
    await until('another one comes', async () => (await newest.innerText()) !== before, 60_000)

    await page.locator('.source-button').click()
    await page.getByRole('button', { name: 'Cut the connection' }).click()
    await page.locator('.td-connection-dot:not([data-look="live"])').first().waitFor({ timeout: 60_000 })
    // What it knew of systems is old by now, and is not shown as if it were not.
    await page
      .getByRole('region', { name: 'Systems' })
      .getByText('At the last check')
      .waitFor({ timeout: 60_000 })
    const pages = page.getByRole('navigation', { name: 'Pages' })
    await pages.getByRole('link', { name: /^System status/ }).click()
    await page.getByText('Not known at the moment').waitFor({ timeout: 4_000 })
    await pages.getByRole('link', { name: 'Overview' }).click()
    await page.locator('.source-button').click()
    await page.getByRole('button', { name: 'Restore the connection' }).click()
    await page.keyboard.press('Escape')
    await connected(page)
    expect(sockets).toEqual([])
  })

  it('is chosen in the page, and not loaded before', async () => {
    const scripts: string[] = []
    const page = await open(browser, `${site.url}/biology-academy`, {
      before: async ({ page }) =>
        page.on('request', (request) => scripts.push(new URL(request.url()).pathname)),
    })
    await live(page)
    const isMock = (path: string) => /\/assets\/mock-/.test(path)
    expect(scripts.filter(isMock)).toEqual([])
    await page.locator('.source-button').click()
    await page.getByRole('radio', { name: /^No server/ }).check()
    await until('it is loaded', () => scripts.some(isMock))
    await connected(page)
    await live(page)
    expect(new URL(page.url()).searchParams.get('source')).toBe('mock')
    await page.getByRole('checkbox', { name: /^Debug log/ }).check()
    await page.keyboard.press('Escape')
    await page
      .getByRole('link', { name: /^System status/ })
      .first()
      .click()
    await page
      .getByRole('log', { name: 'Debug log' })
      .getByText('connected: ready')
      .first()
      .waitFor({ timeout: 60_000 })
  })
})
