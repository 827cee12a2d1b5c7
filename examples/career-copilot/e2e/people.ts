// The app as its people use it: what tests look at and press.

import { type Visit, visit } from '@tidings/example-hello/e2e/browser.ts'
import { until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'

/** A path of the app, opened in a window of its own and connected. */
export async function open(
  browser: Browser,
  url: string,
  { isBlank, ...options }: Visit & { /** Waits for nothing. */ readonly isBlank?: boolean } = {},
): Promise<Page> {
  const { page, context, errors } = await visit(browser, url, options)
  onTestFinished(async () => {
    expect(errors).toEqual([])
    await context.close()
  })
  if (!isBlank) await untilConnected(page)
  return page
}

export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await untilConnected(page)
  return page
}

/** Connected, and the channels caught up with: what is published from here on is live. */
export async function untilConnected(page: Page): Promise<void> {
  await until('the page is connected', () => dot(page, 'live').isVisible())
  await until('the bell is loaded', () => page.evaluate(() => window.career.isConnected()))
}

export const dot = (page: Page, look: 'live' | 'waiting' | 'down') =>
  page.locator(`.cc-head .td-connection-dot[data-look="${look}"]`)
export const banner = (page: Page) => page.locator('.cc-banner .td-banner')
export const toasts = (page: Page) => page.locator('.td-toast')
export const toastOf = (page: Page, text: string) => toasts(page).filter({ hasText: text })
export const jobsLink = (page: Page) => page.getByRole('navigation').getByRole('link', { name: /^Jobs/ })

/** The number on the Jobs link; 0 without one. */
export async function badge(page: Page): Promise<number> {
  // It may vanish while it is read.
  const [count = '0'] = await jobsLink(page).locator('.td-count > [aria-hidden]').allInnerTexts()
  return Number.parseInt(count, 10)
}

export const bell = (page: Page) => page.getByRole('button', { name: /^Notifications/ })

export async function unread(page: Page): Promise<number> {
  const name = (await bell(page).textContent()) ?? ''
  return Number(/(\d+) unread/.exec(name)?.[1] ?? 0)
}

/** Listens as a screen reader does; gives what has been said so far. */
export async function listenToAnnouncer(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const said: string[] = []
    Object.assign(window, { said })
    new MutationObserver(() => {
      for (const region of document.querySelectorAll('[data-announcer] > *'))
        said.push(region.textContent ?? '')
    }).observe(document.querySelector('[data-announcer]') as Element, {
      childList: true,
      subtree: true,
      characterData: true,
    })
  })
  return async () => {
    const all = await page.evaluate(() => (window as unknown as { said: readonly string[] }).said)
    return [...new Set(all)].filter((text) => text !== '')
  }
}

export const hasFocus = (page: Page, selector: string) =>
  page.evaluate((wanted) => document.activeElement?.closest(wanted) !== null, selector)
