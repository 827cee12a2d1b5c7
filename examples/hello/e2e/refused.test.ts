// A message that the server does not take: its writer is told why, keeps the text, and decides.

import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { isConnected, launch, say, shownTexts, visit } from './browser.ts'
import { buildPages, Site, until } from './site.ts'

let browser: Browser
let site: Site
beforeAll(async () => {
  buildPages()
  browser = await launch()
  site = await Site.start({ serverFile: join(import.meta.dirname, 'archive-server.ts') })
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

it('[AU3] a refused message leaves the conversation, with its reason, to be sent again or discarded', async () => {
  const { page, context } = await visit(browser, `${site.url}/hello/archive`, { name: 'Ada' })
  onTestFinished(() => context.close())
  await until('the page is connected', () => isConnected(page))
  const refused = page.getByRole('alert').filter({ hasText: 'Not sent.' })

  await say(page, 'One more thing')
  await refused.waitFor()
  expect(await refused.innerText()).toContain('One more thing')
  expect(await shownTexts(page)).toEqual([])

  await refused.getByRole('button', { name: 'Send again' }).click()
  await until('it is refused again', async () => (await refused.innerText()).includes('One more thing'))
  await refused.getByRole('button', { name: 'Discard' }).click()
  await until('it is gone', async () => (await refused.count()) === 0)
  expect(await shownTexts(page)).toEqual([])
})
