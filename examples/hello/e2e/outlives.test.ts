// What a person writes offline, through everything that can happen to their tab, their browser and the server; and browsers
// that keep nothing, or lose what they kept.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isConnected, isKept, launch, say, shownTexts, visit } from './browser.ts'
import { KillableBrowser, Laboratory, openTab } from './laboratory.ts'
import { Link } from './link.ts'
import { Site, until } from './site.ts'

/** A client that has failed often in a row may wait 30 s before its next attempt; another page looks every 30 s. */
const PATIENCE_MS = 75_000

let browser: Browser
let lab: Laboratory
beforeAll(async () => {
  browser = await launch()
  lab = await Laboratory.open()
})
afterAll(async () => {
  await browser?.close()
  await lab?.close()
})

/** A way to the server that can be cut. */
async function cable(port = lab.site.port): Promise<Link> {
  const link = await Link.to(port)
  onTestFinished(() => link.close())
  return link
}

async function newContext(): Promise<BrowserContext> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  return context
}

/** Writes them one after the other, as fast as a page can, and waits until each of them is stored. */
async function writeOffline(tab: Page, texts: readonly string[]): Promise<void> {
  await tab.evaluate(async (texts) => {
    for (const text of texts) {
      window.lab.write(text)
      await Promise.resolve()
    }
  }, texts)
  await until('all is stored', () =>
    tab.evaluate((count) => {
      const pending = window.lab.client.outbox.get()
      return pending.length === count && pending.every(({ isStored }) => isStored)
    }, texts.length),
  )
}

async function crash(tab: Page): Promise<void> {
  const gone = tab.waitForEvent('crash')
  const session = await tab.context().newCDPSession(tab)
  session.send('Page.crash').catch(() => {})
  await gone
}

const isOnline = (tab: Page) => tab.evaluate(() => window.lab.client.connection.get().status === 'connected')
const pending = (tab: Page) => tab.evaluate(() => window.lab.client.outbox.get().length)
const storage = (tab: Page) => tab.evaluate(() => window.lab.client.outbox.storage.get())

const numbered = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i + 1}`)

describe('a thousand writes made offline', () => {
  it('[OB1] [OB2] take effect once and in order, though the browser is killed and the server restarts', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'profile-e2e-'))
    onTestFinished(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }))
    const link = await cable()
    const texts = numbered('killed', 1_000)

    const first = await KillableBrowser.open(profile)
    onTestFinished(() => first.kill())
    const tab = await openTab(first.context, link.url)
    link.cut()
    await until('the tab is offline', async () => !(await isOnline(tab)))
    await writeOffline(tab, texts)
    await first.kill()
    await lab.site.kill()
    await lab.site.start()
    expect(await lab.log()).toEqual([])

    link.mend()
    const second = await KillableBrowser.open(profile)
    onTestFinished(() => second.kill())
    const again = await openTab(second.context, link.url)
    await until('all is sent', async () => (await lab.log()).length >= texts.length, PATIENCE_MS)
    await until('nothing waits', async () => (await pending(again)) === 0, PATIENCE_MS)
    expect(await lab.log()).toEqual(texts)
    const heard = await again.evaluate(() => window.lab.heard.map(({ text }) => text))
    expect(heard).toHaveLength(new Set(heard).size)
    expect(await again.evaluate(() => window.lab.client.outbox.refused.get().length)).toBe(0)
  })

  it('[OB6] are sent by the tab beside it when theirs has crashed', async () => {
    const context = await newContext()
    const link = await cable()
    const address = `${link.url}?room=beside`
    const neighbour = await openTab(context, address)
    const tab = await openTab(context, address)
    const texts = numbered('crashed', 300)
    link.cut()
    await writeOffline(tab, texts)
    await crash(tab)
    link.mend()
    await until(
      'the neighbour has heard all of it',
      async () => (await neighbour.evaluate(() => window.lab.heard.length)) >= texts.length,
      PATIENCE_MS,
    )
    expect(await neighbour.evaluate(() => window.lab.heard.map(({ text }) => text))).toEqual(texts)
    expect(await lab.log('beside')).toEqual(texts)
  })
})

describe('[OB9] a browser that', () => {
  it('refuses its storage: the app is told why, and goes on', async () => {
    const context = await newContext()
    await context.addInitScript(() => {
      Object.defineProperty(globalThis, 'indexedDB', {
        get() {
          throw new DOMException('The user denied permission to access the database.', 'SecurityError')
        },
      })
    })
    const tab = await openTab(context, lab.site.url)
    await tab.evaluate(() => void window.lab.write('refused storage'))
    await until('it is heard', () =>
      tab.evaluate(() => window.lab.heard.some(({ text }) => text === 'refused storage')),
    )
    await until('the storage is failing', async () => (await storage(tab)).name === 'failing')
    await until('the app is told', () => tab.evaluate(() => window.lab.errors.length > 0))
    expect(await tab.evaluate(() => window.lab.errors)).toEqual([
      'The outbox has no storage; what is written lives as long as the page.',
    ])
    await until('nothing waits', async () => (await pending(tab)) === 0)
  })

  it('has no room: what does not fit is in memory, and stored once there is room', async () => {
    const context = await newContext()
    const link = await cable()
    const tab = await context.newPage()
    const session = await context.newCDPSession(tab)
    const quota = (size: { quotaSize?: number }) =>
      session.send('Storage.overrideQuotaForOrigin', { origin: link.url, ...size })
    // A browser asks for its quota when it opens the database, and believes it for a while.
    await quota({ quotaSize: 150_000 })
    await tab.goto(`${link.url}?room=full`)
    await until('the tab is connected', () => isOnline(tab))
    link.cut()
    await writeOffline(tab, ['small'])
    const large = numbered('large '.repeat(80), 600)
    await tab.evaluate((texts) => void window.lab.write(...texts), large)
    await until('the app is told', async () => (await storage(tab)).name === 'failing')
    expect(await tab.evaluate(() => window.lab.errors)).toEqual([
      expect.stringMatching(/^The outbox's storage cannot be written to: .*quota/i),
    ])
    const stored = () => tab.evaluate(() => window.lab.client.outbox.get().map(({ isStored }) => isStored))
    expect((await stored()).indexOf(true)).toBe(0)
    expect((await stored()).lastIndexOf(true)).toBe(0)
    await quota({})
    await until('it is stored after all', async () => (await storage(tab)).name === 'ready', PATIENCE_MS)
    expect(await stored()).toEqual(Array(601).fill(true))
    await crash(tab)
    link.mend()
    // The crashed tab's record may be held for a moment longer: then it is found at the next look.
    const next = await openTab(context, `${link.url}?room=full`)
    await until('all is sent', async () => (await lab.log('full')).length > large.length, PATIENCE_MS)
    expect(await lab.log('full')).toEqual(['small', ...large])
    await until('the page has heard that all was accepted', async () => (await pending(next)) === 0)
  })

  for (const [how, clear] of Object.entries({
    'another script deletes the database': async (tab: Page) => {
      await tab.evaluate(
        () =>
          new Promise<void>((resolve, reject) => {
            const request = indexedDB.deleteDatabase('tidings')
            request.onsuccess = () => resolve()
            request.onerror = () => reject(request.error)
          }),
      )
    },
    'a person clears the data of the site': async (tab: Page) => {
      const session = await tab.context().newCDPSession(tab)
      const { origin } = new URL(tab.url())
      await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
    },
  })) {
    it(`is cleared (${how}): what is pending is stored once more with the next write, and survives a crash`, async () => {
      const context = await newContext()
      const link = await cable()
      const tab = await openTab(context, link.url)
      link.cut()
      await writeOffline(tab, ['one', 'two'])
      await clear(tab)
      await tab.evaluate(() => void window.lab.write('three'))
      await until('the app is told', async () =>
        (await tab.evaluate(() => window.lab.errors)).some((message) => message.includes('was cleared')),
      )
      await until('all is stored again', () =>
        tab.evaluate(() => window.lab.client.outbox.get().every(({ isStored }) => isStored)),
      )
      await crash(tab)
      link.mend()
      const next = await openTab(context, link.url)
      await until(
        'all is heard',
        async () => (await next.evaluate(() => window.lab.heard.length)) >= 3,
        PATIENCE_MS,
      )
      expect(await next.evaluate(() => window.lab.heard.map(({ text }) => text))).toEqual([
        'one',
        'two',
        'three',
      ])
    })
  }
})

describe('hello', () => {
  let site: Site
  beforeAll(async () => {
    site = await Site.start()
  })
  afterAll(async () => {
    await site?.stop()
  })

  it('[OB7] shows after a reload what was written offline before, and sends it once', async () => {
    const link = await cable(site.port)
    const ada = await visit(browser, `${link.url}/hello`, { name: 'Ada' })
    onTestFinished(() => ada.context.close())
    await until('Ada is connected', () => isConnected(ada.page))
    // What waits is shown in a room that was read once.
    await ada.page.getByText('Nothing said yet').waitFor()
    link.cut()
    await say(ada.page, 'Written in a tunnel')
    const waiting = ada.page.getByText('waiting to send')
    await waiting.waitFor()
    await crash(ada.page)
    link.mend()
    const page = await ada.context.newPage()
    await page.goto(`${link.url}/hello`)
    await until('it is sent', async () => (await shownTexts(page)).length === 1, PATIENCE_MS)
    await until('it does not wait', async () => (await page.getByText('waiting to send').count()) === 0)
    expect(await shownTexts(page)).toEqual(['Written in a tunnel'])
  })

  it('[OB7] shows what waits also where nothing is known of the room, and claims nothing of who is there', async () => {
    const link = await cable(site.port)
    const { page, context, errors } = await visit(browser, `${link.url}/hello/cellar`, { name: 'Ada' })
    onTestFinished(() => context.close())
    await until('Ada is connected', () => isConnected(page))
    await until('the page opens without a server', () => isKept(page))
    link.cut()
    await say(page, 'Written in a cellar')
    await page.getByText('waiting to send').waitFor()
    await page.reload()
    await page.getByText('waiting to send').waitFor()
    expect(await shownTexts(page)).toEqual(['Written in a cellar'])
    await page.getByText('Not known at the moment.').waitFor()
    expect(await page.getByText('Nobody has joined yet').count()).toBe(0)
    await say(page, 'And one more')
    await until('both wait', async () => (await page.getByText('waiting to send').count()) === 2)
    link.mend()
    await until(
      'nothing waits',
      async () => (await page.getByText('waiting to send').count()) === 0,
      PATIENCE_MS,
    )
    await until('both are there', async () => (await shownTexts(page)).length === 2)
    expect(await shownTexts(page)).toEqual(['Written in a cellar', 'And one more'])
    await page.getByRole('region', { name: 'Here now 1' }).waitFor()
    expect(errors).toEqual([])
  })

  it('[OB9] says that the page has to stay open where the browser stores nothing', async () => {
    const link = await cable(site.port)
    const { page, context } = await visit(browser, `${site.url}/hello/private`)
    onTestFinished(() => context.close())
    await page.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }))
    await page.goto(`${link.url}/hello/private`)
    await until('the page is connected', () => isConnected(page))
    link.cut()
    await page.locator('.notice').getByText('Keep this page open').waitFor()
  })
})
