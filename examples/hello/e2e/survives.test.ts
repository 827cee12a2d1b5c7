// The whole way of an event, from a backend in another language to two people's screens, while the server crashes and
// one of them loses the network.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { isConnected, launch, shownTexts, visit } from './browser.ts'
import { Link } from './link.ts'
import { pause, Site, until } from './site.ts'

const COUNT = 500
/** The state keeps this many; the events themselves are all heard. */
const SHOWN = 100
/** Posted a second time, under the same key. */
const TWICE = 250

/** A client that has failed this often in a row may wait 30 s before its next attempt, and fail once more. */
const BACKOFF_MS = 75_000

const texts = Array.from({ length: COUNT }, (_, i) => `Event ${i + 1}`)

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser?.close())

interface Heard {
  readonly text: string
  readonly offset: number
  readonly origin: string
}

/** The page's own channel, as its console has it. */
declare global {
  interface Window {
    heard: Heard[]
  }
}

async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.heard = []
    window.room.on('said', ({ text }, { offset, origin }) => window.heard.push({ text, offset, origin }))
  })
}

const heard = (page: Page) => page.evaluate(() => window.heard)
const heardCount = (page: Page) => page.evaluate(() => window.heard.length)

it('[BR1][SB3] 500 events reach two pages, each once and in order, through three crashes and an outage', async () => {
  const site = await Site.start()
  onTestFinished(async () => {
    await site.stop()
  })
  const link = await Link.to(site.port)
  onTestFinished(() => link.close())
  const ada = await visit(browser, `${site.url}/hello`, { name: 'Ada' })
  const ben = await visit(browser, `${link.url}/hello`, { name: 'Ben' })
  onTestFinished(async () => {
    await Promise.all([ada.context.close(), ben.context.close()])
  })
  await until(
    'both pages are connected',
    async () => (await isConnected(ada.page)) && (await isConnected(ben.page)),
  )
  await Promise.all([listen(ada.page), listen(ben.page)])

  const python = publish(site)
  onTestFinished(() => void python.child.kill('SIGKILL'))
  const crash = async (after: number) => {
    await until(`${after} events are posted`, () => python.lines.length >= after)
    await site.kill()
    await pause(400)
    await site.start()
  }

  await crash(80)
  await until('150 events are posted', () => python.lines.length >= 150)
  // At once: to tell the browser takes a busy machine longer than the rest of the events.
  link.cut()
  await ben.context.setOffline(true)
  await crash(210)
  await until('320 events are posted', () => python.lines.length >= 320)
  const missed = COUNT - (await heardCount(ben.page))
  link.mend()
  await ben.context.setOffline(false)
  await crash(400)

  expect(await python.ended, python.errors()).toBe(0)
  for (const { page } of [ada, ben]) {
    // What is missing is told below, by its name.
    await until('all is heard', async () => (await heardCount(page)) >= COUNT, BACKOFF_MS).catch(
      () => undefined,
    )
  }
  // Whoever hears something twice hears it late: give it the time to come.
  await pause(500)

  for (const { page, errors } of [ada, ben]) {
    const entries = await heard(page)
    expect(entries.map(({ text }) => text)).toEqual(texts)
    expect(entries.map(({ offset }) => offset)).toEqual(texts.map((_, i) => i + 1))
    await until('the newest is shown', async () => (await shownTexts(page)).at(-1) === texts.at(-1))
    expect(await shownTexts(page)).toEqual(texts.slice(-SHOWN))
    expect(errors).toEqual([])
  }
  // The outage was one: what Ben missed was read back, not pushed.
  expect(missed).toBeGreaterThan(COUNT - 320)
  expect((await heard(ben.page)).filter(({ origin }) => origin === 'replay').length).toBeGreaterThan(50)

  const [first, second] = python.lines.filter(({ number }) => number === TWICE)
  expect(first).toMatchObject({ number: TWICE, again: false })
  expect(second).toEqual({ number: TWICE, position: first?.position, again: true })
}, 240_000)

interface Line {
  readonly number: number
  readonly position: string
  readonly again: boolean
}

function publish(site: Site) {
  const script = join(import.meta.dirname, 'publish.py')
  const child = spawn(
    'python3',
    [script, '--url', site.url, '--count', String(COUNT), '--run', 'survives', '--twice', String(TWICE)],
    { env: { ...process.env, TIDINGS_API_KEY: site.apiKey }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const lines: Line[] = []
  let rest = ''
  child.stdout.on('data', (chunk) => {
    const whole = (rest + chunk).split('\n')
    rest = whole.pop() ?? ''
    for (const line of whole) {
      const [number, position = '', again] = line.split(' ')
      lines.push({ number: Number(number), position, again: again === 'again' })
    }
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  // Not before everything that it printed has come.
  const ended = once(child, 'close').then(([code]) => code)
  return { child, lines, ended, errors: () => errors }
}
