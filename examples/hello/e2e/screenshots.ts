// `npm run screenshots`: the pages as people see them, with believable content, in .cache/screenshots: a desk and a
// phone, light and dark, and the states that are rarely met.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { isConnected, launch, say, shownTexts, type Visit, visit } from './browser.ts'
import { buildPages, pause, root, Site, until } from './site.ts'

const folder = join(root, '.cache', 'screenshots')

const screens: Readonly<Record<string, Visit>> = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
}

/** Who says what; a name that is none of the people is a backend. */
const people = ['Marta Lindqvist', 'Tomás Ferreira', 'נועה לוי']
const conversation: readonly (readonly [name: string, text: string])[] = [
  ['Marta Lindqvist', 'The board-room screens are on 2.4 now. If a tile freezes, tell me which one.'],
  ['Tomás Ferreira', 'Morning. The rollout of 2.4.1 starts at ten, Lisbon first.'],
  ['Tomás Ferreira', 'Support has the note about the changed sign-in.'],
  ['Deploy', 'eu-west-1: 2.4.1 is live on 12 of 12 instances after 3 min 41 s'],
  [
    'Priya Raman',
    'Error rate flat, p99 went from 240 to 180 ms. I like this one.\nShall we take Frankfurt next?',
  ],
  ['Marta Lindqvist', 'Yes. I watch the queue there.'],
  ['Deploy', 'eu-central-1: 2.4.1 is live on 18 of 18 instances after 4 min 02 s'],
  ['נועה לוי', 'הכול נראה תקין גם אצלנו'],
  [
    'Priya Raman',
    'Closing the window then. The summary is on https://status.example.com/releases/2.4.1 from Monday on.',
  ],
]

buildPages()
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const browser = await launch()
const site = await Site.start()
try {
  const marta = await seed(browser)
  for (const [screen, options] of Object.entries(screens)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const shot = (state: string) => ({ path: join(folder, `${state}-${screen}-${colorScheme}.png`) })
      const open = async (path: string, name?: string) => {
        const { page } = await visit(browser, `${site.url}${path}`, {
          ...options,
          colorScheme,
          ...(name !== undefined && { name }),
        })
        await until('the page is connected', () =>
          page.locator('[data-status="connected"]').first().isVisible(),
        )
        await pause(600)
        return page
      }
      await onlyPeopleAreHere(marta)
      const start = await open('/')
      await start.screenshot(shot('start'))
      await start.context().close()

      const priya = await open('/hello', 'Priya Raman')
      await priya.screenshot(shot('hello'))
      if (screen === 'phone') {
        await priya.locator('.side-button').tap()
        await priya.screenshot(shot('people'))
        await priya.locator('.side-button').tap()
      }
      await priya.context().setOffline(true)
      await until('the page knows that it is offline', async () => !(await isConnected(priya)))
      await say(priya, 'I take the minutes')
      await priya.locator('.notice').waitFor()
      await pause(300)
      await priya.screenshot(shot('offline'))
      await priya.context().close()

      const stranger = await open('/hello/garden')
      await stranger.screenshot(shot('first-visit'))
      await stranger.context().close()
    }
  }
} finally {
  await browser.close()
  await site.stop()
}
console.log(`Screenshots are in ${folder}`)

/** Everybody writes from a page of their own, which stays open: they are here. Returns one of them. */
async function seed(browser: Browser): Promise<Page> {
  const pages = new Map<string, Page>()
  for (const name of [...people, 'Priya Raman']) {
    const { page } = await visit(browser, `${site.url}/hello`, { name })
    await until(`${name} is connected`, () => isConnected(page))
    pages.set(name, page)
  }
  for (const [i, [name, text]] of conversation.entries()) {
    const page = pages.get(name)
    if (page) await say(page, text)
    else await site.publish('lobby', name, text)
    const [watcher] = pages.values()
    await until(
      `"${text}" is said`,
      async () => watcher !== undefined && (await shownTexts(watcher)).length > i,
    )
  }
  await pages.get('Priya Raman')?.context().close()
  return pages.get('Marta Lindqvist') as Page
}

/** Whoever has gone is shown for a while, in case it was but a drop. */
async function onlyPeopleAreHere(watcher: Page): Promise<void> {
  await until('visitors are gone', async () => (await watcher.locator('.person').count()) === people.length)
}
