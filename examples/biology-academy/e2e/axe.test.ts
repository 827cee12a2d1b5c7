// What axe finds on the pages of Biology Academy: nothing, in light and dark, on a desk and on a phone.

import { findings } from '@tidings/example-hello/e2e/axe.ts'
import { launch } from '@tidings/example-hello/e2e/browser.ts'
import { Site } from '@tidings/example-hello/e2e/site.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { desk, open, paths, phone, settled } from './academy.ts'

let browser: Browser
let site: Site
beforeAll(async () => {
  browser = await launch()
  site = await Site.start()
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const at = (path: string) => `${site.url}/biology-academy${path}`

describe('axe finds nothing', () => {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [name, size] of [['a desk', desk] as const, ['a phone', phone] as const])
      it(`on any page, ${colorScheme}, on ${name}, nor in the settings`, async () => {
        const page = await open(browser, at(''), { ...size, colorScheme, reducedMotion: 'reduce' })
        const own = page.getByRole('navigation', { name: 'Pages' })
        for (const [i] of paths.entries()) {
          await own.locator('.nav-page').nth(i).click()
          await settled(page)
          expect(await findings(page), paths[i]).toEqual([])
        }
        await page.locator('.source-button:visible, .top-settings:visible').first().click()
        await page.getByRole('dialog', { name: 'Settings' }).waitFor()
        expect(await findings(page)).toEqual([])
      })
})
