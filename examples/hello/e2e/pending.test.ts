// What a person writes while the server is down.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { isConnected, launch, say, shownTexts, visit } from './browser.ts'
import { pause, Site, until } from './site.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser?.close())

it('[PB2] a message written while the server is down is pending, and on both pages once when it is back', async () => {
  const site = await Site.start()
  onTestFinished(async () => {
    await site.stop()
  })
  const ada = await visit(browser, `${site.url}/hello`, { name: 'Ada' })
  const ben = await visit(browser, `${site.url}/hello`, { name: 'Ben' })
  onTestFinished(async () => {
    await Promise.all([ada.context.close(), ben.context.close()])
  })
  await until(
    'both are connected',
    async () => (await isConnected(ada.page)) && (await isConnected(ben.page)),
  )
  await say(ada.page, 'Before')
  await until('Ben reads it', async () => (await shownTexts(ben.page)).length === 1)

  await site.kill()
  await say(ada.page, 'During, first')
  await say(ada.page, 'During, second')
  const waiting = ada.page.getByText('waiting to send')
  await until('both wait', async () => (await waiting.count()) === 2)
  expect(await waiting.first().isVisible()).toBe(true)
  expect(await shownTexts(ben.page)).toEqual(['Before'])

  await site.start()
  const all = ['Before', 'During, first', 'During, second']
  await until('nothing waits', async () => (await waiting.count()) === 0)
  await until('Ben reads all', async () => (await shownTexts(ben.page)).length === all.length)
  await pause(500)
  expect(await shownTexts(ada.page)).toEqual(all)
  expect(await shownTexts(ben.page)).toEqual(all)
  expect([...ada.errors, ...ben.errors]).toEqual([])
})
