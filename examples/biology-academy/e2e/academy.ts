// Biology Academy in a browser, as tests meet it: pages that are open, a plain server in its own process.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Person, type Visit, visit } from '@tidings/example-hello/e2e/browser.ts'
import { freePort, type Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import type { NotificationMessage } from '../contract.ts'

export const phone: Visit = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
}
export const desk: Visit = { viewport: { width: 1280, height: 900 } }

export const paths = ['', '/metrics', '/sessions', '/notifications', '/status'] as const

/** Opens a page of the academy in a window of its own; closed after the test, which fails where the page did. */
export async function open(
  browser: Browser,
  address: string,
  options: Visit & { readonly before?: (person: Person) => Promise<unknown> } = {},
): Promise<Page> {
  const { before, ...visited } = options
  const person = await visit(browser, before ? 'about:blank' : address, { ...desk, ...visited })
  onTestFinished(async () => {
    expect(person.errors).toEqual([])
    await person.context.close()
  })
  if (before) {
    await before(person)
    await person.page.goto(address)
  }
  return person.page
}

export async function connected(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Connected/ }).waitFor({ timeout: 60_000 })
}

/** Metrics have come: the first of the three numbers is one. */
export async function live(page: Page): Promise<void> {
  await until(
    'metrics are shown',
    async () => /\d/.test(await page.locator('.tile-value').first().innerText()),
    60_000,
  )
}

/** Everything that comes has come: nothing is a skeleton any more. */
export async function settled(page: Page): Promise<void> {
  await connected(page)
  await until('nothing is on its way', async () => (await page.locator('.waiting').count()) === 0, 60_000)
  await until(
    'the first check is shown',
    () => page.evaluate(() => !document.body.innerText.includes('first check')),
    60_000,
  )
}

export const learnerOf = (page: Page) =>
  page.evaluate(() => JSON.parse(localStorage.getItem('biology-academy.learner') ?? '{}').userId as string)

/** As somebody who was here before, with a name. */
export const asLearner = (userId: string, userName: string) => async (person: Person) => {
  const stored = JSON.stringify({ userId, userName })
  await person.context.addInitScript((value) => {
    localStorage.setItem('biology-academy.learner', value)
  }, stored)
}

/** As a backend does. */
export async function notify(
  site: Site,
  userId: string,
  note: Partial<NotificationMessage> & Pick<NotificationMessage, 'id' | 'title'>,
): Promise<void> {
  const data = { message: 'Said by the test', type: 'info', priority: 'high', ...note }
  const address = `${site.url}/v1/channels/${encodeURIComponent(`biology/notifications/${userId}`)}/events`
  const response = await fetch(address, {
    method: 'POST',
    headers: { authorization: `Bearer ${site.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'notification', data }),
  })
  if (!response.ok) throw new Error(`The server refused it: ${await response.text()}`)
}

const plainFile = fileURLToPath(new URL('../campus/plain-server.ts', import.meta.url))

/** The plain server of the example, as its script runs it, on a port that stays the same. */
export class PlainServer {
  readonly port: number
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.port = port
  }

  static async start(): Promise<PlainServer> {
    const server = new PlainServer(await freePort())
    await server.start()
    return server
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--conditions=@tidings/source', plainFile], {
      env: { ...process.env, PORT: String(this.port), EVERY_MS: '1000', NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error('The plain server did not start.')
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}
