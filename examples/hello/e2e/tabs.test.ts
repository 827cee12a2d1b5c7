// Several tabs of one person: one connection at the server, whoever of them is closed or crashes, and one effect for all.

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { launch } from './browser.ts'
import { Laboratory, openTab } from './laboratory.ts'
import { until } from './site.ts'

/** What is asked for is a second; the rest is for machines that have other things to do. */
const TAKEOVER_MS = 5_000

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

const heard = (tab: Page) => tab.evaluate(() => window.lab.heard)
const isHolder = (tab: Page) => tab.evaluate(() => window.lab.dial.isHolder)

async function holderOf(tabs: readonly Page[]): Promise<Page> {
  const are = await Promise.all(tabs.map(isHolder))
  expect(are.filter(Boolean)).toHaveLength(1)
  return tabs[are.indexOf(true)] as Page
}

async function closed(tab: Page): Promise<void> {
  await tab.close()
}

async function crashed(tab: Page): Promise<void> {
  const gone = tab.waitForEvent('crash')
  const session = await tab.context().newCDPSession(tab)
  // There is nobody left to answer.
  session.send('Page.crash').catch(() => {})
  await gone
}

const ends: Record<string, (tab: Page) => Promise<void>> = { closed, crashed }

for (const [how, end] of Object.entries(ends)) {
  it(`[LN1] three tabs have one connection; its holder is ${how}, and nothing is lost, doubled or done twice`, async () => {
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    const effects: string[] = []
    await context.exposeFunction('effect', (text: string) => void effects.push(text))
    const before = await lab.log()
    const opened = await lab.metric('connections_opened_total')
    const tabs = [await openTab(context, lab.site.url)]
    for (let i = 0; i < 2; i++) tabs.push(await openTab(context, lab.site.url))
    // The server may still be hanging up on who was here before.
    await until('there is one connection', async () => (await lab.metric('connections')) === 1)
    await until('it has three lanes', async () => (await lab.metric('lanes')) === 3)

    const said: string[] = []
    const texts = (word: string, count: number) =>
      Array.from({ length: count }, (_, i) => `${how} ${word} ${i + 1}`)
    const publish = async (word: string, count: number) => {
      for (const text of texts(word, count)) {
        await lab.site.publish('lab', 'Backend', text)
        said.push(text)
      }
    }
    await publish('before', 20)
    await until('all tabs hear it', async () =>
      (await Promise.all(tabs.map(heard))).every(({ length }) => length === said.length),
    )
    const holder = await holderOf(tabs)
    const left = tabs.filter((tab) => tab !== holder)

    const endedAt = Date.now()
    const ending = end(holder)
    // A write of each tab that is left, and news from outside, while nobody has the connection.
    const own = left.map((tab, i) => {
      const words = texts(`own of tab ${i + 1}:`, 10)
      said.push(...words)
      return tab.evaluate((words) => void window.lab.write(...words), words)
    })
    await Promise.all([ending, publish('during', 20), ...own])
    await until('the others are connected again', async () =>
      (await Promise.all(left.map((tab) => tab.evaluate(() => window.lab.connectedAt.length)))).every(
        (count) => count >= 2,
      ),
    )
    const tookMs = await takeover(left, endedAt)
    console.log(
      `The holder was ${how}: the other tabs were connected again after ${tookMs.join(' and ')} ms.`,
    )
    expect(Math.max(...tookMs)).toBeLessThan(TAKEOVER_MS)
    await publish('after', 20)
    await until('all is heard', async () =>
      (await Promise.all(left.map(heard))).every(({ length }) => length >= said.length),
    )
    // Whoever does something twice does it late.
    await new Promise((resolve) => setTimeout(resolve, 1_000))

    const log = (await lab.log()).slice(before.length)
    expect([...log].sort()).toEqual([...said].sort())
    for (const tab of left) {
      const entries = await heard(tab)
      expect(entries.map(({ text }) => text)).toEqual(log)
      expect(entries.map(({ offset }) => offset)).toEqual(log.map((_, i) => before.length + i + 1))
      await until('nothing waits', () => tab.evaluate(() => window.lab.client.outbox.get().length === 0))
    }
    await holderOf(left)
    await until('there is one connection', async () => (await lab.metric('connections')) === 1)
    expect((await lab.metric('connections_opened_total')) - opened).toBe(2)

    // What the dying tab had taken upon itself may have died with it; nothing else is missing.
    const calm = (text: string) => text.includes('before') || text.includes('after')
    await until('all has had its effect', () => effects.filter(calm).length >= said.filter(calm).length)
    expect(effects).toHaveLength(new Set(effects).size)
    expect(effects.filter(calm).sort()).toEqual(said.filter(calm).sort())
  })
}

/** How long each of them had no connection. */
function takeover(left: readonly Page[], endedAt: number): Promise<number[]> {
  return Promise.all(
    left.map(async (tab) => {
      const connectedAt = await tab.evaluate(() => window.lab.connectedAt)
      return (connectedAt.find((at) => at >= endedAt) ?? Number.POSITIVE_INFINITY) - endedAt
    }),
  )
}

it('[LN1] each browser has a connection of its own, which goes with its last tab', async () => {
  const contexts: BrowserContext[] = []
  onTestFinished(async () => {
    for (const context of contexts) await context.close()
  })
  for (let i = 0; i < 2; i++) contexts.push(await browser.newContext())
  for (const context of contexts) for (let i = 0; i < 2; i++) await openTab(context, lab.site.url)
  await until('there are two', async () => (await lab.metric('connections')) === 2)
  await contexts[0]?.close()
  await until('one is gone', async () => (await lab.metric('connections')) === 1)
})
