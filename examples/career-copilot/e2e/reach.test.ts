// What leads where, and what fits on a small screen: nobody ends up before a list in which they have to search.

import { findings } from '@tidings/example-hello/e2e/axe.ts'
import { launch } from '@tidings/example-hello/e2e/browser.ts'
import { Link } from '@tidings/example-hello/e2e/link.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { hasFocus, jobsLink, open } from './people.ts'

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
const desk = { viewport: { width: 1280, height: 700 } }

async function boxOf(element: Locator) {
  const box = await element.boundingBox()
  if (!box) throw new Error('It is not shown.')
  return { left: box.x, right: box.x + box.width, top: box.y, bottom: box.y + box.height }
}

it('says how many offers and interviews there are, and each leads to its own application', async () => {
  const page = await open(browser, `${site.url}${path}`, desk)
  await page.getByText('You have 1 offer and 1 interview.').waitFor()
  await page
    .getByRole('link', { name: /Grid analyst/ })
    .first()
    .click()
  const chosen = page.locator('.cc-application[aria-current]')
  await chosen.waitFor()
  expect(new URL(page.url()).pathname).toBe(`${path}/applications/app-216`)
  expect(await chosen.getAttribute('data-application')).toBe('app-216')
  await until('it has the focus', () => hasFocus(page, '[data-application="app-216"]'))
  await page.getByText('You answer the company itself').waitFor()
})

for (const colorScheme of ['light', 'dark'] as const) {
  it(`axe finds nothing where an application is marked, and in a list with jobs applied to, ${colorScheme}`, async () => {
    const page = await open(browser, `${site.url}${path}/applications/app-219`, { ...desk, colorScheme })
    await page.locator('[data-application="app-219"][aria-current]').waitFor()
    expect(await findings(page)).toEqual([])
    await jobsLink(page).click()
    await page.locator('.cc-job-applied').first().waitFor()
    expect(await findings(page)).toEqual([])
  })
}

it('an application far down is led to from the dashboard, and after a reload', async () => {
  const page = await open(browser, `${site.url}${path}`, {
    viewport: { width: 390, height: 500 },
    isMobile: true,
  })
  await page
    .getByRole('list', { name: /the latest change first/ })
    .getByRole('link', { name: /Lumen/ })
    .click()
  const chosen = page.locator('[data-application="app-219"][aria-current]')
  const isInView = async () => {
    const { top, bottom } = await boxOf(chosen)
    return top >= 56 && bottom <= 440
  }
  await until('it is in view', isInView)
  await page.reload()
  await until('it is in view again', isInView)
})

it('an application leads to its job while that is listed', async () => {
  const page = await open(browser, `${site.url}${path}/applications`, desk)
  const link = page.getByRole('link', { name: 'Product analyst, smart metering' })
  await link.waitFor()
  // Wherever the row is pressed.
  await page
    .locator('.cc-application')
    .filter({ has: link })
    .click({ position: { x: 600, y: 12 } })
  await page.getByRole('heading', { level: 2, name: 'Product analyst, smart metering' }).waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click()
  await page.getByText('Grid analyst').waitFor()
  expect(await page.getByRole('main').getByRole('link', { name: 'Grid analyst' }).count()).toBe(0)
})

it('the list of jobs says which of them one has applied to, also while that waits', async () => {
  const link = await Link.to(site.port)
  onTestFinished(() => link.close())
  const page = await open(browser, `${link.url}${path}/jobs`, desk)
  const row = (title: RegExp) => page.locator('.cc-job-link').filter({ hasText: title })
  await row(/Product analyst, smart metering/)
    .getByText('Applied')
    .waitFor()
  expect(
    await row(/Tide-gauge technician/)
      .getByText('Applied')
      .count(),
  ).toBe(0)
  await row(/Tide-gauge technician/).click()
  link.cut()
  await page.getByRole('button', { name: 'Apply' }).click()
  await row(/Tide-gauge technician/)
    .getByText('Waiting to be sent')
    .waitFor()
  link.mend()
  await row(/Tide-gauge technician/)
    .getByText('Applied')
    .waitFor({ timeout: 60_000 })
})

it('the skip link leaves the heading below the head', async () => {
  const page = await open(browser, `${site.url}${path}`, { viewport: { width: 1280, height: 400 } })
  await page.locator('.cc-row').first().waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await until('the content has the focus', () => hasFocus(page, 'main'))
  const [content, head] = [await boxOf(page.getByRole('main')), await boxOf(page.getByRole('banner'))]
  expect(content.top).toBeGreaterThanOrEqual(head.bottom)
})

for (const width of [320, 390, 820]) {
  it(`at ${width} px nothing scrolls sideways, and the weeks stay in their panel`, async () => {
    const page = await open(browser, `${site.url}${path}`, { viewport: { width, height: 740 } })
    const panel = page.locator('.cc-panel').filter({ hasText: 'Applications sent' })
    await panel.locator('.cc-week').first().waitFor()
    const { left, right } = await boxOf(panel)
    const dates = panel.locator('.cc-week-date:visible')
    let end = left
    for (const date of await dates.all()) {
      const box = await boxOf(date)
      expect(box.left).toBeGreaterThanOrEqual(end)
      end = box.right
    }
    expect(end).toBeLessThanOrEqual(right)
    const fits = async () =>
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await fits()
    await jobsLink(page).click()
    await page.locator('.cc-job').first().waitFor()
    await fits()
    await page.locator('.cc-job-link').first().click()
    await page.getByRole('article').waitFor()
    await fits()
    await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click()
    await page.locator('.cc-application').first().waitFor()
    await fits()
  })
}
