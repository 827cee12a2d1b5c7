// The pages of the site without a network: each that was opened once opens again, and a newer build is never kept from
// anybody.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isKept, launch, visit } from '@tidings/example-hello/e2e/browser.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
})

describe('a page that was opened once', () => {
  let site: Site
  beforeAll(async () => {
    site = await Site.start()
  })
  afterAll(async () => {
    await site?.stop()
  })

  for (const [path, heading] of [
    ['/', 'Every screen sees every event. Once, in order.'],
    ['/hello', undefined],
    ['/hello/tunnel', undefined],
    ['/biology-academy', undefined],
    ['/career-copilot/jobs', 'Jobs'],
    ['/gallery', undefined],
  ] as const) {
    it(`opens without a network: ${path}`, async () => {
      const { page, context, errors } = await visit(browser, `${site.url}${path}`, { name: 'Ada' })
      onTestFinished(() => context.close())
      const name = heading ?? (await page.getByRole('heading').first().innerText())
      await until('the page is kept', () => isKept(page))
      await context.setOffline(true)
      await page.reload()
      await page.getByRole('heading', { name }).first().waitFor()
      expect(await page.evaluate(() => [...document.fonts].some(({ status }) => status === 'error'))).toBe(
        false,
      )
      expect(errors).toEqual([])
    })
  }
})

describe('a newer build', () => {
  it('is what the next visit shows, and what opens without a network from then on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'site-builds-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url))
    let now = ''
    const deliver = async (title: string) => {
      const outDir = join(folder, title)
      const named = {
        name: 'title',
        transformIndexHtml: (html: string) => html.replace(/<title>.*<\/title>/, `<title>${title}</title>`),
        // Another name for every file that has this text.
        transform: (code: string, id: string) =>
          id.endsWith('start.tsx') ? code.replace('Once, in order.', title) : undefined,
      }
      await build({ configFile, logLevel: 'silent', plugins: [named], build: { outDir } })
      now = outDir
    }
    await deliver('first')
    const server = createServer(({ url = '/' }, response) => {
      const { pathname } = new URL(url, 'http://localhost')
      try {
        const body = readFileSync(join(now, pathname === '/' ? 'index.html' : pathname))
        response.setHeader('content-type', types[extname(pathname) || '.html'] ?? 'application/octet-stream')
        response.end(body)
      } catch {
        response.writeHead(404).end()
      }
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })

    const { page, context } = await visit(
      browser,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    )
    onTestFinished(() => context.close())
    const shows = (title: string) => page.getByRole('heading', { level: 1, name: title }).waitFor()
    await shows('first')
    await until('the page is kept', () => isKept(page))
    const shells = () => page.evaluate(() => caches.keys())
    const [first] = await shells()

    await deliver('second')
    await page.reload()
    await shows('second')
    expect(await page.title()).toBe('second')
    await until('the second one is kept, and nothing of the first', async () => {
      const kept = await shells()
      return kept.length === 1 && kept[0] !== first && (await isKept(page))
    })
    await context.setOffline(true)
    await page.reload()
    await shows('second')
    expect(await page.title()).toBe('second')
  })
})

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
