// Headless Chromium, and people in it: each with a window, a name and a storage of their own.

import { existsSync } from 'node:fs'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Nothing that a browser does on its own account: no profile, no updates, no questions to its maker. */
export const flags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function executablePath(): string {
  const path = process.env.CHROMIUM_PATH ?? paths.find(existsSync)
  if (path === undefined) throw new Error('There is no Chromium; install it, or set CHROMIUM_PATH.')
  return path
}

export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath(), args: [...flags] })
}

export interface Person {
  readonly page: Page
  readonly context: BrowserContext
  /** What went wrong in the page: errors that nobody caught. */
  readonly errors: readonly string[]
}

export interface Visit extends BrowserContextOptions {
  /** As somebody who was here before; undefined: a first visit. */
  readonly name?: string
}

/** Opens `address` in a window of its own. */
export async function visit(
  browser: Browser,
  address: string,
  { name, ...options }: Visit = {},
): Promise<Person> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  if (name !== undefined)
    await page.addInitScript((remembered) => localStorage.setItem('hello.name', remembered), name)
  await page.goto(address)
  return { page, context, errors }
}

/** Types a message and sends it, by keyboard alone. */
export async function say(page: Page, text: string): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Message' })
  await field.fill(text)
  await field.press('Enter')
}

/** The texts of the conversation, as shown. */
export function shownTexts(page: Page): Promise<string[]> {
  return page.getByRole('log', { name: 'Messages' }).locator('.message-text').allInnerTexts()
}

export async function isConnected(page: Page): Promise<boolean> {
  return page.locator('.connection[data-status="connected"]').isVisible()
}

/** Whether the page would open without a network: its worker serves it, and the newest one does. */
export function isKept(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration()
    const isSettled = registration?.active?.state === 'activated' && !registration.installing
    return isSettled && navigator.serviceWorker.controller === registration.active
  })
}
