// The page as a person meets it: by keyboard, by screen reader, on a phone, in the dark.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isConnected, launch, say, shownTexts, type Visit, visit } from './browser.ts'
import { Site, until } from './site.ts'

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

async function open(path: string, options: Visit = {}): Promise<Page> {
  const { page, context } = await visit(browser, `${site.url}${path}`, options)
  onTestFinished(() => context.close())
  await until('the page is connected', () => page.locator('[data-status="connected"]').first().isVisible())
  return page
}

async function tabUntil(page: Page, isThere: () => Promise<boolean>): Promise<void> {
  for (let presses = 0; presses < 20; presses++) {
    if (await isThere()) return
    await page.keyboard.press('Tab')
  }
  throw new Error('Twenty presses of Tab did not get there.')
}

describe('somebody who comes for the first time', () => {
  it('gives a name and writes, by keyboard alone, and is remembered', async () => {
    const page = await open('/hello?room=keyboard')
    const name = page.getByRole('textbox', { name: 'What should the others call you?' })
    await tabUntil(page, () => name.evaluate((field) => field === document.activeElement))
    await page.keyboard.type('Marta Lindqvist')
    await page.keyboard.press('Enter')

    const message = page.getByRole('textbox', { name: 'Message' })
    await until('the field for messages has the focus', () =>
      message.evaluate((field) => field === document.activeElement),
    )
    await page.keyboard.type('Good morning')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('from the keyboard')
    await page.keyboard.press('Enter')
    await until('the message is shown', async () => (await shownTexts(page)).length === 1)
    expect(await shownTexts(page)).toEqual(['Good morning\nfrom the keyboard'])
    expect(await message.inputValue()).toBe('')

    await page.reload()
    await page.getByRole('textbox', { name: 'Message' }).waitFor()
    await page.getByText('Writing as Marta Lindqvist').waitFor()
  })

  it('pastes more than a message can have: nothing is cut, how much is too much is said, and what is shortened goes', async () => {
    const page = await open('/hello/long', { name: 'Ada' })
    const field = page.getByRole('textbox', { name: 'Message' })
    await field.fill('y'.repeat(450))
    await page.getByText('50 characters left').waitFor()
    await field.fill('x'.repeat(512))
    expect(await field.inputValue()).toHaveLength(512)
    await page.getByText('12 characters too many').waitFor()
    await field.press('Enter')
    await page.getByRole('alert').getByText('a message has 500 at most').waitFor()
    expect(await shownTexts(page)).toEqual([])
    await say(page, 'x'.repeat(500))
    await until('it is shown', async () => (await shownTexts(page)).join() === 'x'.repeat(500))
  })

  it('reads along without a name, and is not counted among those who are here', async () => {
    const marta = await open('/hello?room=names', { name: 'Marta' })
    const stranger = await open('/hello?room=names')
    await say(marta, 'Is anybody there')
    await until('the stranger reads it', async () => (await shownTexts(stranger)).length === 1)
    const here = stranger.getByRole('region', { name: /^Here now/ }).getByRole('listitem')
    await until('Marta is here', async () => (await here.count()) === 1)
    expect(await here.innerText()).toContain('Marta')
  })

  it('finds rooms by their path and their parameter, and is told of a name that cannot be one', async () => {
    const byPath = await open('/hello/garden', { name: 'Ada' })
    const byParameter = await open('/hello?room=garden', { name: 'Ben' })
    expect(await byPath.title()).toBe('garden · Hello')
    await say(byPath, 'Same room')
    await until('the other reads it', async () => (await shownTexts(byParameter)).length === 1)

    const { page, context } = await visit(browser, `${site.url}/hello?room=two%20words`)
    onTestFinished(() => context.close())
    await page.getByRole('heading', { name: 'There cannot be a room “two words”' }).waitFor()
    await page.getByRole('link', { name: 'Go to the lobby' }).click()
    await page.getByRole('heading', { name: 'lobby' }).waitFor()
  })
})

describe('a screen reader', () => {
  it('finds landmarks, a heading, a log that speaks what is new, and a quiet status', async () => {
    const page = await open('/hello?room=reader', { name: 'Ada' })
    await page.getByRole('heading', { level: 1, name: 'reader' }).waitFor()
    expect(await page.getByRole('main').count()).toBe(1)
    expect(await page.getByRole('complementary').count()).toBe(1)
    const log = page.getByRole('log', { name: 'Messages' })
    await until('the log speaks', async () => (await log.getAttribute('aria-live')) === 'polite')
    expect(await page.getByRole('status').first().innerText()).toBe('')
  })

  it('gets a name for everything that can be pressed, and text for every picture or none', async () => {
    const page = await open('/hello?room=reader', { name: 'Ada' })
    const nameless = await page.locator('button, a, input, textarea').evaluateAll((elements) =>
      elements
        .filter((element) => element instanceof HTMLElement && element.offsetParent !== null)
        .filter((element) => {
          const labels = 'labels' in element ? [...((element.labels as NodeListOf<Element>) ?? [])] : []
          const texts = [
            element.textContent,
            element.getAttribute('aria-label'),
            ...labels.map((label) => label.textContent),
          ]
          return !texts.some((text) => text?.trim())
        })
        .map((element) => element.outerHTML),
    )
    expect(nameless).toEqual([])
    expect(await page.locator('svg:not([aria-hidden="true"])').count()).toBe(0)
  })

  it('is told once that the connection is gone for long, and not of a short drop', async () => {
    const page = await open('/hello?room=reader', { name: 'Ada' })
    const status = page.getByRole('status').first()
    await page.context().setOffline(true)
    await until('the mark says so', () => page.locator('.connection').getByText('Offline').isVisible())
    expect(await status.innerText()).toBe('')
    await until('the status says so', async () => (await status.innerText()).startsWith('Offline.'), 8_000)
    await page.context().setOffline(false)
    await until('it is back', async () => (await isConnected(page)) && (await status.innerText()) === '')
  })
})

describe('somebody who reads further up', () => {
  it('is not pushed by what is new, is told how much it is, and gets there with one press', async () => {
    for (let i = 1; i <= 100; i++) await site.publish('long', 'Backend', `Line ${i}`)
    const page = await open('/hello/long', { name: 'Ada' })
    await until('all is shown', async () => (await shownTexts(page)).length === 100)
    const log = page.getByRole('log', { name: 'Messages' })
    const distanceToEnd = () => log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)
    await until('the end is in view', async () => (await distanceToEnd()) < 2)

    // A hundred are shown: each new one takes the oldest away, above the reader.
    await log.evaluate((box) => box.scrollTo({ top: box.scrollHeight / 2 }))
    const placeOf = (text: string) => page.getByText(text, { exact: true }).boundingBox()
    const before = await placeOf('Line 60')
    for (let i = 1; i <= 3; i++) await site.publish('long', 'Backend', `New ${i}`)
    const button = page.getByRole('button', { name: '3 new' })
    await button.waitFor()
    const after = await placeOf('Line 60')
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2)

    await button.click()
    await until('the end is in view', async () => (await distanceToEnd()) < 2)
    await until('nothing is new any more', async () => (await button.count()) === 0)
    await site.publish('long', 'Backend', 'Last')
    await until('the last one is there', async () => (await shownTexts(page)).at(-1) === 'Last')
    await until('the end stays in view', async () => (await distanceToEnd()) < 2)
  })
})

describe('the start page', () => {
  it('shows what is published, and leads to the apps', async () => {
    const page = await open('/')
    await site.publish('lobby', 'Deploy', 'eu-west-1 is live')
    await page.getByRole('list', { name: 'The newest events' }).getByText('eu-west-1 is live').waitFor()
    await page.getByRole('link', { name: /^Hello/ }).click()
    await page.getByRole('log', { name: 'Messages' }).getByText('eu-west-1 is live').waitFor()
  })
})

describe('on a phone', () => {
  const phone: Visit = { name: 'Ada', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
  const long =
    'https://example.com/a-very-long-address-without-any-place-to-break-it-0123456789-0123456789-0123456789'

  for (const path of ['/', '/hello?room=phone']) {
    it(`${path} does not scroll sideways, and its targets are large enough for a thumb`, async () => {
      const page = await open(path, phone)
      if (path !== '/') {
        await say(page, long)
        await until('it is shown', async () => (await shownTexts(page)).length > 0)
      }
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(width).toBeLessThanOrEqual(360)
      const small = await page.locator('button, a, input, textarea').evaluateAll((elements) =>
        elements
          .map((element) => ({ html: element.outerHTML, box: element.getBoundingClientRect() }))
          .filter(({ box }) => box.height > 0 && box.height < 44)
          .map(({ html, box }) => `${box.height} px: ${html}`),
      )
      expect(small).toEqual([])
    })
  }

  it('shows who is here under a button', async () => {
    const page = await open('/hello?room=phone-people', phone)
    const button = page.getByRole('button', { name: /here: show who/ })
    await until('Ada is counted', async () => (await button.innerText()).includes('1'))
    const list = page.getByRole('region', { name: /^Here now/ })
    expect(await list.isVisible()).toBe(false)
    await button.tap()
    await list.waitFor()
    expect(await button.getAttribute('aria-expanded')).toBe('true')
  })
})

describe('light and dark', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it(`text in the ${colorScheme} is told from its ground: 4.5 to 1`, async () => {
      const page = await open('/hello?room=contrast', { name: 'Ada', colorScheme })
      await say(page, 'Can you read this')
      await until('it is there', async () => (await shownTexts(page)).length > 0)
      const poor = await page.evaluate(poorContrasts)
      expect(poor).toEqual([])
    })
  }

  it('differ in their ground', async () => {
    const grounds = await Promise.all(
      (['light', 'dark'] as const).map(async (colorScheme) => {
        const page = await open('/hello?room=contrast', { colorScheme })
        return page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      }),
    )
    expect(new Set(grounds).size).toBe(2)
  })
})

/** Runs in the page: every text whose colour is too close to what lies behind it. Faded, disabled things do not count. */
function poorContrasts(): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  if (!canvas) return ['no canvas']
  const channels = (color: string): [number, number, number, number] => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data
    return [r, g, b, a]
  }
  const luminance = (color: string) => {
    const [r, g, b] = channels(color).map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0)
  }
  const ground = (element: Element | null): string => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor
      if (channels(color)[3] === 255) return color
    }
    return 'white'
  }
  const poor: string[] = []
  for (const element of document.querySelectorAll('body *')) {
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
    )
    if (!hasText || element.matches(':disabled, :disabled *') || element.clientHeight === 0) continue
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5)
      poor.push(`${ratio.toFixed(2)}: ${element.className} "${element.textContent?.slice(0, 30)}"`)
  }
  return poor
}
