// A message that the server does not take: its writer is told why, keeps the text, and decides.

import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { isConnected, launch, say, shownTexts, visit } from './browser.ts'
import { Link } from './link.ts'
import { Site, until } from './site.ts'

let browser: Browser
let site: Site
beforeAll(async () => {
  browser = await launch()
  site = await Site.start({ serverFile: join(import.meta.dirname, 'archive-server.ts') })
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

it('[OB7] what was written before the page was loaded is refused with its reason as well', async () => {
  const link = await Link.to(site.port)
  onTestFinished(() => link.close())
  const address = `${link.url}/hello/archive`
  const { page, context } = await visit(browser, address, { name: 'Ada' })
  onTestFinished(() => context.close())
  await until('the page is connected', () => isConnected(page))
  // What waits is shown in a room that was read once.
  await page.getByText('Nothing said yet').waitFor()
  link.cut()
  await say(page, 'From the train')
  await page.getByText('waiting to send').waitFor()
  // It is shown at once, and stored a moment later.
  await until('it is stored', () => isStored(page, 'From the train'))
  await page.close()
  link.mend()
  const next = await context.newPage()
  await next.goto(address)
  const refused = next.getByRole('alert').filter({ hasText: 'Not sent.' })
  await refused.waitFor()
  expect(await refused.innerText()).toContain('From the train')
  await refused.getByRole('button', { name: 'Discard' }).click()
  await until('it is gone', async () => (await refused.count()) === 0)
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

/** Whether the text stands in the browser's storage. */
function isStored(page: Page, text: string): Promise<boolean> {
  return page.evaluate(async (text) => {
    const answerOf = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    // To open one that is not there would make it.
    if (!(await indexedDB.databases()).some(({ name }) => name === 'tidings')) return false
    const database = await answerOf(indexedDB.open('tidings'))
    const names = [...database.objectStoreNames]
    const stores = database.transaction(names)
    const all = await Promise.all(names.map((name) => answerOf(stores.objectStore(name).getAll())))
    database.close()
    return JSON.stringify(all).includes(text)
  }, text)
}
