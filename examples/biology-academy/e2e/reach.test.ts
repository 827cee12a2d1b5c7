// The pages as people meet them: by keyboard, on a phone, in the dark.

import { launch } from '@tidings/example-hello/e2e/browser.ts'
import { buildPages, Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connected, open, paths, phone, settled } from './academy.ts'

let browser: Browser
let site: Site
beforeAll(async () => {
  buildPages()
  browser = await launch()
  site = await Site.start()
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const at = (path: string) => `${site.url}/biology-academy${path}`

async function tabTo(page: Page, element: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await element.evaluate((node) => node === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error('Sixty presses of Tab did not get there.')
}

describe('by keyboard alone', () => {
  it('one gets to another page, begins to study there, and changes the settings', async () => {
    const page = await open(browser, at(''))
    await connected(page)
    await tabTo(
      page,
      page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Study sessions' }),
    )
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Study sessions' }).waitFor()
    expect(await page.title()).toBe('Study sessions · Biology Academy')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content')

    const study = page.getByRole('button', { name: 'Study Cell structure' })
    await study.waitFor()
    await tabTo(page, study)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Leave Cell structure' }).waitFor()

    const source = page.locator('.source-button')
    await source.focus()
    await page.keyboard.press('Enter')
    const settings = page.getByRole('dialog', { name: 'Settings' })
    await settings.waitFor()
    await tabTo(page, settings.getByRole('textbox'))
    await page.keyboard.type('Ada Brandt')
    await page.keyboard.press('Escape')
    await settings.waitFor({ state: 'hidden' })
    expect(await source.evaluate((node) => node === document.activeElement)).toBe(true)
    await page.getByRole('complementary', { name: 'Your session' }).getByText('Ada Brandt').waitFor()
  })
})

describe('the theme', () => {
  it('follows the device, or what one chooses, in every tab and after a reload', async () => {
    const page = await open(browser, at(''), { colorScheme: 'light' })
    const other = await page.context().newPage()
    await other.goto(at('/status'))
    const background = (each: Page) => each.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await background(page)
    await page.locator('.source-button').click()
    await page.getByRole('radio', { name: 'Dark' }).check()
    await until('it is dark', async () => (await background(page)) !== light)
    const dark = await background(page)
    await until('the other tab is dark', async () => (await background(other)) === dark)
    await page.reload()
    await until('it still is', async () => (await background(page)) === dark)
  })
})

describe('on a phone', () => {
  it.each(paths)(
    'nothing is wider than the screen, and what is pressed is large enough: %s',
    async (path) => {
      const page = await open(browser, at(path), phone)
      await settled(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      const small = await page
        .locator('nav a:visible, main button:visible, header button:visible')
        .evaluateAll((all) =>
          all
            .map((each) => ({ name: each.textContent, box: each.getBoundingClientRect() }))
            .filter(({ box }) => box.height > 0 && box.height < 43.5)
            .map(({ name, box }) => `${name}: ${box.height}`),
        )
      expect(small).toEqual([])
    },
  )
})
