// The pages as people meet them: by keyboard, on a phone, in the dark.

import { launch } from '@tidings/example-hello/e2e/browser.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connected, learnerOf, notify, open, paths, phone, settled } from './academy.ts'

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

describe('the theme, from the dark', () => {
  it('is dark on a dark device at once, and light where one chooses that', async () => {
    const page = await open(browser, at(''), { colorScheme: 'dark' })
    const lightness = () =>
      page.evaluate(() => {
        const paint = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
        paint.fillStyle = getComputedStyle(document.body).backgroundColor
        paint.fillRect(0, 0, 1, 1)
        return paint.getImageData(0, 0, 1, 1).data[0] ?? 0
      })
    expect(await lightness()).toBeLessThan(60)
    await page.locator('.source-button').click()
    await page.getByRole('radio', { name: 'Light' }).check()
    await until('it is light', async () => (await lightness()) > 200)
    await page.reload()
    await until('it still is', async () => (await lightness()) > 200)
    await page.locator('.source-button').click()
    await page.getByRole('radio', { name: 'As the device' }).check()
    await until('it is dark again', async () => (await lightness()) < 60)
  })
})

describe('where the device chooses the colours', () => {
  it('the page one is on, and every state, can still be told', async () => {
    const page = await open(browser, at('/status'), { forcedColors: 'active' })
    await settled(page)
    const looks = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((node) => {
          const { backgroundColor, height } = getComputedStyle(node)
          return { backgroundColor, height }
        })
    const canvas = (await looks('body')).backgroundColor
    expect((await looks('.state-mark')).backgroundColor).not.toBe(canvas)
    expect((await looks('.check:not([data-none])')).backgroundColor).not.toBe(canvas)
    const current = await looks('.nav-page[aria-current]')
    const other = await looks('.nav-page:not([aria-current])')
    expect(current.backgroundColor).not.toBe(other.backgroundColor)
  })
})

describe('on a phone', () => {
  it('the sheet of the connection stands above the bar: what it offers can be pressed', async () => {
    const page = await open(browser, at('/status'), phone)
    await settled(page)
    await page.getByRole('main').getByRole('button', { name: 'Disconnect' }).click()
    await page.getByRole('button', { name: /^Not connected/ }).click()
    // Playwright presses nothing that something else covers.
    await page
      .getByRole('dialog', { name: 'Connection' })
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 10_000 })
    await connected(page)
  })

  it('a toast keeps within the screen, however long its words are', async () => {
    const page = await open(browser, at(''), phone)
    await connected(page)
    const user = await learnerOf(page)
    await notify(site, user, {
      id: 'long',
      title: `${'Desoxyribonukleinsäure'.repeat(6)} and its polymerase`,
      message: 'Two remarks, both about the error bars. '.repeat(20),
      type: 'error',
      actionUrl: '/biology-academy/metrics',
      actionText: 'See the whole of the feedback and what follows',
    })
    const toast = page.locator('.td-toast', { hasText: 'polymerase' })
    await toast.waitFor()
    const box = async (locator: Locator) => (await locator.boundingBox()) ?? { x: 0, width: 0, height: 0 }
    const [outer, action] = [await box(toast), await box(toast.locator('.td-toast-action button'))]
    expect(action.x + action.width).toBeLessThanOrEqual(outer.x + outer.width)
    expect(outer.height).toBeLessThan(400)
  })

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
