// What a person sees and hears of the network, and what is fetched anew when it is back.

import { launch } from '@tidings/example-hello/e2e/browser.ts'
import { Link } from '@tidings/example-hello/e2e/link.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { dot, jobsLink, listenToAnnouncer, open, toastOf } from './people.ts'
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

const path = '/career-copilot'
const PATIENCE_MS = 60_000
const families = [
  'jobs',
  'applications',
  'notifications',
  'analytics',
  'dashboard',
  'recommendations',
] as const

describe('the connection', () => {
  it('is a green dot, a yellow one that pulses, a red one, each with its word; said aloud, and mended by hand', async () => {
    const link = await Link.to(site.port)
    onTestFinished(() => link.close())
    const page = await open(browser, `${link.url}${path}?user=dots`)
    const said = await listenToAnnouncer(page)
    const compact = page.locator('.cc-head .td-connection')
    const full = page.locator('.cc-foot .td-connection-button')
    const word = async () => {
      await compact.locator('button').hover()
      const tip = compact.locator('.td-tip')
      await until('the tooltip is seen', async () => (await opacity(tip)) > 0.9)
      const text = await tip.innerText()
      await page.mouse.move(400, 400)
      return text
    }
    const colours = [await colourOf(dot(page, 'live'))]
    expect(await word()).toBe('Connected')
    expect(await full.innerText()).toMatch(/^Connected/)

    link.cut()
    await dot(page, 'waiting').waitFor()
    // Both at once: it waits for some seconds only.
    const [yellow, movement] = await Promise.all([
      colourOf(dot(page, 'waiting')),
      dot(page, 'waiting')
        .locator('circle')
        .evaluate((ring) => getComputedStyle(ring).animationName),
    ])
    colours.push(yellow)
    expect(movement).toBe('td-breathe')
    await dot(page, 'down').waitFor()
    colours.push(await colourOf(dot(page, 'down')))
    expect(await word()).toBe('Reconnecting')
    expect(await full.innerText()).toBe('Reconnecting')
    expect(colours.map(hueOf)).toEqual(['green', 'yellow', 'red'])

    link.mend()
    await full.click()
    const panel = page.getByRole('dialog', { name: 'Connection' })
    // It may have come back by itself in between.
    await panel
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 5_000 })
      .catch(() => undefined)
    await dot(page, 'live').waitFor({ timeout: PATIENCE_MS })
    await until('both are said', async () => {
      const lines = (await said()).join('\n')
      return /Reconnecting\. No answer from the server/.test(lines) && /Connected again/.test(lines)
    })
  })

  it('that was ended for good is a Connection Issue, and Try now begins again: Reconnected', async () => {
    let isRefused = false
    const page = await open(browser, 'about:blank', { isBlank: true })
    const sockets: { close: (how: { code: number }) => Promise<void> }[] = []
    await page.routeWebSocket(/\/v1\/socket/, (socket) => {
      sockets.push(socket)
      if (isRefused) void socket.close({ code: VERSION })
      else socket.connectToServer()
    })
    await page.goto(`${site.url}${path}?user=issue`)
    await dot(page, 'live').waitFor()
    isRefused = true
    await sockets.at(-1)?.close({ code: VERSION })
    await toastOf(page, 'Connection Issue').waitFor()
    await dot(page, 'down').waitFor()
    isRefused = false
    await page.locator('.cc-banner').getByRole('button', { name: 'Try now' }).click()
    await toastOf(page, 'Reconnected').waitFor()
    await dot(page, 'live').waitFor()
  })
})

describe('on websocket:reconnected', () => {
  it('each of the six families is stale: what is shown is fetched at once, jobs when they are looked at', async () => {
    const page = await open(browser, `${site.url}${path}?user=resync`)
    await page.getByText('No applications yet').waitFor()
    await page.waitForLoadState('networkidle')
    const fetched = fetches(page)
    await page.evaluate(() => window.dispatchEvent(new CustomEvent('websocket:reconnected')))
    for (const family of families.filter((each) => each !== 'jobs'))
      await until(`${family} are fetched anew`, () => fetched.has(family))
    await jobsLink(page).click()
    await until('jobs are fetched anew', () => fetched.has('jobs'))
  })

  it('that a backend without a memory brings about, all six come anew', async () => {
    const backend = await PlainBackend.start(site.port)
    onTestFinished(() => backend.close())
    const page = await open(browser, `${backend.url}${path}?user=resync&ws=/ws`)
    await page.getByText('No applications yet').waitFor()
    await page.waitForLoadState('networkidle')
    const fetched = fetches(page)
    await page.evaluate(() => {
      Object.assign(window, { reconnected: 0 })
      window.addEventListener('websocket:reconnected', () => Object.assign(window, { reconnected: 1 }))
    })
    backend.drop()
    await until('the page is told', () =>
      page.evaluate(() => (window as unknown as { reconnected: number }).reconnected === 1),
    )
    for (const family of families.filter((each) => each !== 'jobs'))
      await until(`${family} are fetched anew`, () => fetched.has(family))
    await jobsLink(page).click()
    await until('jobs are fetched anew', () => fetched.has('jobs'))
  })
})

/** The close code of a version that the server does not speak: trying again would fail the same. */
const VERSION = 4426

/** The resources that the page asks for from here on. */
function fetches(page: Page): ReadonlySet<string> {
  const fetched = new Set<string>()
  page.on('request', (request) => {
    const resource = /\/api\/(\w+)\?/.exec(request.url())?.[1]
    if (resource) fetched.add(resource)
  })
  return fetched
}

const opacity = (element: Locator) => element.evaluate((each) => Number(getComputedStyle(each).opacity))

/** As red, green and blue, whatever notation the style has. */
const colourOf = (element: Locator) =>
  element.evaluate(async (each) => {
    await Promise.all(each.getAnimations().map(({ finished }) => finished))
    const canvas = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
    canvas.fillStyle = getComputedStyle(each).color
    canvas.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data
    return { red, green, blue }
  })

function hueOf({
  red,
  green,
  blue,
}: {
  readonly red: number
  readonly green: number
  readonly blue: number
}) {
  if (green > red && green > blue) return 'green'
  return green > 0.5 * red && blue < green ? 'yellow' : 'red'
}
