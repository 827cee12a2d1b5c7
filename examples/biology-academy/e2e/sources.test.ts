// The same pages without a Tidings server: against a plain one in its own process, and in mock mode with none at all.

import { launch } from '@tidings/example-hello/e2e/browser.ts'
import { buildPages, Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connected, live, open, PlainServer } from './academy.ts'

let browser: Browser
let site: Site
let plain: PlainServer
beforeAll(async () => {
  buildPages()
  browser = await launch()
  site = await Site.start()
  plain = await PlainServer.start()
})
afterAll(async () => {
  await browser?.close()
  await plain?.stop()
  await site?.stop()
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
