// The components in a browser: what axe finds, what a keyboard reaches, what is said, and what becomes of them where
// colours are forced or nothing may move.

import { findings } from '@tidings/example-hello/e2e/axe.ts'
import { launch, type Visit, visit } from '@tidings/example-hello/e2e/browser.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

const phone: Visit = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
const desk: Visit = { viewport: { width: 1280, height: 900 } }

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

async function open(query = '', options: Visit = desk): Promise<Page> {
  const { page, context, errors } = await visit(browser, `${site.url}/gallery?${query}`, options)
  onTestFinished(async () => {
    expect(errors).toEqual([])
    await context.close()
  })
  await page.getByRole('heading', { level: 2, name: 'Connection' }).waitFor()
  return page
}

const hasFocus = (element: Locator) => element.evaluate((node) => node === document.activeElement)

async function tabTo(page: Page, element: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await hasFocus(element)) return
    await page.keyboard.press('Tab')
  }
  throw new Error('Sixty presses of Tab did not get there.')
}

const toastButtons = ['Plain', 'Match', 'Success', 'Info', 'Warning', 'Error', 'Long']
const said = (page: Page) =>
  page.getByRole('list', { name: 'What was said' }).getByRole('listitem').allInnerTexts()

describe('on a phone', () => {
  it('every section is named in sight: nothing has to be scrolled sideways to be found', async () => {
    const page = await open('', phone)
    const index = page.getByRole('navigation', { name: 'Components' })
    const places = await index
      .getByRole('link')
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().toJSON()))
    expect(places).toHaveLength(7)
    for (const { left, right, height } of places) {
      expect(left).toBeGreaterThanOrEqual(0)
      expect(right).toBeLessThanOrEqual(360)
      expect(height).toBeGreaterThanOrEqual(44)
    }
  })
})

describe('between a phone and a desk', () => {
  it('the head has room for its switches, or folds them away: nothing scrolls sideways at any width', async () => {
    const page = await open()
    for (const width of [700, 901, 1100, 1181, 1230, 1260, 1281, 1300]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `at ${width} px`).toBe(width)
    }
  })
})

describe('axe finds nothing', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [name, size] of [['a desk', desk] as const, ['a phone', phone] as const]) {
      for (const content of ['none', 'usual', 'much']) {
        it(`in any component, ${colorScheme}, on ${name}, with ${content} content`, async () => {
          const page = await open(`content=${content}`, { ...size, colorScheme, reducedMotion: 'reduce' })
          expect(await findings(page)).toEqual([])
        })
      }
    }

    it(`from right to left, ${colorScheme}`, async () => {
      const page = await open('direction=rtl', { ...desk, colorScheme, reducedMotion: 'reduce' })
      expect(await findings(page)).toEqual([])
    })

    it(`in open panels and in toasts, ${colorScheme}`, async () => {
      const page = await open('', { ...desk, colorScheme, reducedMotion: 'reduce' })
      const panel = page.getByRole('dialog')
      for (const opener of [
        page.getByRole('button', { name: /^Connected/ }).first(),
        page.getByRole('button', { name: 'Notifications, 2 unread' }),
        page.getByRole('button', { name: /^Here now/ }).first(),
      ]) {
        await opener.click()
        await panel.waitFor()
        expect(await findings(page)).toEqual([])
        await page.keyboard.press('Escape')
        await panel.waitFor({ state: 'detached' })
      }
      for (const button of toastButtons) await page.getByRole('button', { name: button, exact: true }).click()
      await until('toasts are shown', async () => (await page.locator('.td-toast').count()) > 2)
      expect(await findings(page)).toEqual([])
    })
  }
})

describe('by keyboard alone', () => {
  it('the connection panel opens, and Escape gives the focus back', async () => {
    const page = await open()
    const button = page.getByRole('button', { name: /^Connected/ }).first()
    await tabTo(page, button)
    await page.keyboard.press('Enter')
    const panel = page.getByRole('dialog', { name: 'Connection' })
    await panel.waitFor()
    await until('the panel has the focus', () => hasFocus(panel))
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(await hasFocus(button)).toBe(true)
  })

  it('a notification is found, read and left, and the preferences are one press away', async () => {
    const page = await open()
    const bell = page.getByRole('button', { name: 'Notifications, 2 unread' })
    await tabTo(page, bell)
    await page.keyboard.press('Space')
    const panel = page.getByRole('dialog', { name: 'Notifications' })
    const offer = panel.getByRole('button', { name: /^Unread: Offer from Nordlys/ })
    await tabTo(page, offer)
    await page.keyboard.press('ArrowDown')
    expect(await hasFocus(panel.getByRole('button', { name: /^Unread: 92 % match/ }))).toBe(true)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor()
    await panel.getByRole('button', { name: 'Preferences' }).press('Enter')
    await panel.getByRole('switch', { name: /Quiet hours/ }).press('Space')
    expect(await panel.getByRole('switch', { name: /Quiet hours/ }).getAttribute('aria-checked')).toBe(
      'false',
    )
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
  })

  it('toasts are reached with Alt+T, and closed there', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Error', exact: true }).press('Enter')
    await page.getByText('Your note was not saved').first().waitFor()
    await page.keyboard.press('Alt+KeyT')
    const close = page.locator('.td-toast').getByRole('button', { name: 'Close' })
    await tabTo(page, close)
    await page.keyboard.press('Enter')
    await until('it is gone', async () => (await page.locator('.td-toast').count()) === 0)
  })

  it('articles of a feed are walked with Page Down and Page Up', async () => {
    const page = await open()
    const articles = page.getByRole('feed', { name: 'Activity of the goal' }).getByRole('article')
    await articles.first().focus()
    await page.keyboard.press('PageDown')
    expect(await hasFocus(articles.nth(1))).toBe(true)
    await page.keyboard.press('PageUp')
    expect(await hasFocus(articles.first())).toBe(true)
  })
})

describe('a screen reader is told', () => {
  it('of toasts, one after the other, urgently of an error', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Info', exact: true }).click()
    await page.getByRole('button', { name: 'Warning', exact: true }).click()
    await page.getByRole('button', { name: 'Error', exact: true }).click()
    const isSaid = async (urgency: string, text: string) =>
      (await said(page)).some((line) => line.startsWith(urgency) && line.includes(text))
    await until('the error was said', () => isSaid('assertive', 'Your note was not saved'))
    await until('the rest was said', () => isSaid('polite', 'Two of five readings are missing'))
    const lines = await said(page)
    const placeOf = (text: string) => lines.findIndex((line) => line.includes(text))
    // The newest stands first.
    expect(placeOf('Interview moved')).toBeGreaterThan(placeOf('Two of five'))
  })

  it('how many wait while somebody reads, and nothing that is being read moves', async () => {
    const page = await open()
    const feed = page.locator('.td-feed').first()
    await feed.scrollIntoViewIfNeeded()
    await feed.getByRole('article').first().focus()
    const top = async () => (await feed.getByRole('article').first().boundingBox())?.y ?? Number.NaN
    const before = await top()
    await page.getByRole('button', { name: 'Let something happen' }).dispatchEvent('click')
    await feed.getByRole('button', { name: '1 new' }).waitFor()
    // Less than a pixel is rounding.
    expect(Math.abs((await top()) - before)).toBeLessThan(1)
    await until('it was said', async () =>
      (await said(page)).some((line) => line.includes('Activity of the goal: 1 new')),
    )
    await feed.getByRole('button', { name: '1 new' }).click()
    await until('it is shown', async () => (await feed.getByRole('article').count()) === 6)
  })
})

describe('where nothing may move', () => {
  const moving = (page: Page) =>
    page.evaluate(
      () =>
        document.getAnimations().filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 1)
          .length,
    )

  it('rows take their places at once; where they may, they travel', async () => {
    for (const [reducedMotion, travels] of [
      ['reduce', false],
      ['no-preference', true],
    ] as const) {
      const page = await open('', { ...desk, reducedMotion })
      await page.getByRole('list', { name: 'Scores of the week' }).scrollIntoViewIfNeeded()
      const count = await page.evaluate(() => {
        const button = [...document.querySelectorAll('button')].find(
          (each) => each.textContent === 'Score some points',
        )
        const list = document.querySelector('.td-moving-list')
        button?.click()
        return new Promise<number>((resolve) =>
          requestAnimationFrame(() =>
            resolve(
              document
                .getAnimations()
                .filter(({ effect }) => list?.contains((effect as KeyframeEffect).target)).length,
            ),
          ),
        )
      })
      expect(count > 0).toBe(travels)
    }
  })

  it('nothing is in motion, by the wish of the device or of the app; a change is marked at the edge', async () => {
    for (const [query, options] of [
      ['', { ...desk, reducedMotion: 'reduce' }],
      ['motion=reduced', desk],
    ] as const) {
      const page = await open(query, options)
      await page.getByRole('button', { name: 'Update it' }).click()
      const mark = await page
        .locator('.td-highlight')
        .evaluate((element) => getComputedStyle(element).boxShadow)
      expect(mark).toContain('-3px 0px 0px')
      await until('nothing moves', async () => (await moving(page)) === 0, 5_000)
    }
  })

  it('what moves at all comes to rest within five seconds', async () => {
    const page = await open('', { ...desk, reducedMotion: 'no-preference' })
    await until('all is at rest', async () => (await moving(page)) === 0, 6_000)
  })
})

describe('where colours are forced', () => {
  it('marks can still be seen', async () => {
    const page = await open('', { ...desk, forcedColors: 'active' })
    const seen = await page.evaluate(() => {
      const canvas = getComputedStyle(document.body).backgroundColor
      const colorOf = (selector: string, property: 'fill' | 'backgroundColor' | 'borderTopColor') => {
        const element = document.querySelector(selector)
        return element ? getComputedStyle(element)[property] : 'missing'
      }
      return {
        dot: colorOf('.td-connection-dot[data-look="live"]', 'fill') !== canvas,
        statusDot: colorOf('.td-status-dot', 'backgroundColor') !== canvas,
        unread: colorOf('.td-note-dot', 'backgroundColor') !== canvas,
        count: colorOf('.td-count', 'borderTopColor') !== canvas,
        thumb: colorOf('.td-switch-thumb', 'backgroundColor') !== canvas,
      }
    })
    expect(seen).toEqual({ dot: true, statusDot: true, unread: true, count: true, thumb: true })
  })
})

describe('targets', () => {
  const targets = '[class^="td-"] :is(button, a, input, select), button[class^="td-"]'
  const tooSmall = (page: Page, least: number) =>
    page.locator(targets).evaluateAll(
      (elements, size) =>
        elements
          .map((element) => (element.closest('label') ?? element).getBoundingClientRect().height)
          .map((height, i) => ({ height, html: elements[i]?.outerHTML.slice(0, 120) }))
          .filter(({ height }) => height > 0 && height < size),
      least,
    )

  it('are at least 24 px on a desk', async () => {
    expect(await tooSmall(await open('content=much'), 24)).toEqual([])
  })

  it('are at least 44 px on a phone, and nothing scrolls sideways', async () => {
    const page = await open('content=much', phone)
    expect(await tooSmall(page, 44)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  })
})
