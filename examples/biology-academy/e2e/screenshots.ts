// Part of `npm run screenshots`: the academy's pages, on a desk and on a phone, light and dark, in .cache/screenshots.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch, type Visit, visit } from '@tidings/example-hello/e2e/browser.ts'
import { buildPages, pause, root, Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Page } from 'playwright-core'

const folder = join(root, '.cache', 'screenshots')

const screens: Readonly<Record<string, Visit>> = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
}

const names = ['overview', 'metrics', 'sessions', 'notifications', 'status'] as const

buildPages()
mkdirSync(folder, { recursive: true })
const browser = await launch()
const site = await Site.start()
try {
  const tomas = await open({}, { userId: 'learner-tomas', userName: 'Tomás Ferreira' })
  await study(tomas)
  for (const [screen, options] of Object.entries(screens)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const shot = (state: string) => ({
        path: join(folder, `biology-${state}-${screen}-${colorScheme}.png`),
      })
      const page = await open(
        { ...options, colorScheme },
        { userId: 'learner-marta', userName: 'Marta Lindqvist' },
      )
      await study(page)
      for (const [i, name] of names.entries()) {
        await page.locator('.nav-page').nth(i).click()
        await pause(2_000)
        await page.screenshot(shot(name))
      }
      await page.locator('.source-button:visible, .top-settings:visible').first().click()
      await pause(400)
      await page.screenshot(shot('settings'))
      await page.context().close()
    }
  }
} finally {
  await browser.close()
  await site.stop()
}
console.log(`Screenshots of Biology Academy are in ${folder}`)

async function open(
  options: Visit,
  learner: { readonly userId: string; readonly userName: string },
): Promise<Page> {
  const { page, context } = await visit(browser, 'about:blank', options)
  await context.addInitScript(
    (stored) => localStorage.setItem('biology-academy.learner', stored),
    JSON.stringify(learner),
  )
  await page.goto(`${site.url}/biology-academy`)
  await until('metrics are shown', async () =>
    /\d/.test(await page.locator('.tile-value').first().innerText()),
  )
  return page
}

async function study(page: Page): Promise<void> {
  await page.locator('.nav-page').nth(2).click()
  const button = page.getByRole('button', { name: 'Study Photosynthesis' })
  const leave = page.getByRole('button', { name: 'Leave Photosynthesis' })
  await button.or(leave).waitFor()
  if (await button.isVisible()) await button.click()
}
