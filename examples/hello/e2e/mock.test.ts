// Hello in mock mode, bundled for the browser as any page, in a Chromium that has nobody to talk to.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startMockServer } from '@tidings/testing/mock-server'
import react from '@vitejs/plugin-react'
import type { Browser } from 'playwright-core'
import { build, defaultClientConditions } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { contract, hello } from '../contract.ts'
import { isConnected, launch, say, shownTexts, visit } from './browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'hello-mock-'))
const asked: string[] = []
let files: Server
let browser: Browser
let address: string

beforeAll(async () => {
  await build({
    root: fileURLToPath(new URL('mock', import.meta.url)),
    base: './',
    plugins: [react()],
    resolve: { conditions: ['@tidings/source', ...defaultClientConditions] },
    build: { outDir: folder, emptyOutDir: true },
    logLevel: 'error',
  })
  files = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname === '/' ? '/index.html' : pathname
    asked.push(path)
    try {
      const body = readFileSync(join(folder, path))
      const type = path.endsWith('.js') ? 'text/javascript' : 'text/html'
      response.writeHead(200, { 'content-type': type }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((ready) => files.listen(0, '127.0.0.1', ready))
  address = `http://127.0.0.1:${(files.address() as AddressInfo).port}/`
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  files?.closeAllConnections()
  files?.close()
  rmSync(folder, { recursive: true, force: true })
})

it('a page without a server: a past, people, news, own writes, a cut and a return', async () => {
  const { page, context, errors } = await visit(browser, address, { name: 'Ada' })
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  await expect.poll(() => isConnected(page)).toBe(true)
  await expect.poll(async () => (await shownTexts(page)).length).toBeGreaterThan(8)
  await page.getByText('Mei Tanaka').first().waitFor()

  await say(page, 'Is anybody out there?')
  await page.getByText('Is anybody out there?').waitFor()

  await page.evaluate(() => window.mock.fault('offline'))
  await expect.poll(() => isConnected(page)).toBe(false)
  await say(page, 'Written while offline')
  await page.evaluate(() => window.mock.restore())
  await expect.poll(() => isConnected(page)).toBe(true)
  await expect
    .poll(async () => (await shownTexts(page)).filter((text) => text.includes('Written while')).length)
    .toBe(1)

  expect(sockets).toEqual([])
  expect(asked.filter((path) => path.startsWith('/v1'))).toEqual([])
  expect(errors).toEqual([])
  await context.close()
})

it('time in a page can be wound forward: ten minutes in a moment', async () => {
  const { page, context, errors } = await visit(browser, address)
  const { heard, tookMs } = await page.evaluate(() => window.fastForward())
  expect(heard).toBe(60)
  expect(tookMs).toBeLessThan(60_000)
  expect(errors).toEqual([])
  await context.close()
})

it('a page against a mock on a port: events from the test, a cut and a return', async () => {
  const origins = [new URL(address).origin]
  await using mock = await startMockServer({ contract, origins, data: { hello: { said: false } } })
  const { page, context, errors } = await visit(browser, `${address}?server=${mock.url}`, { name: 'Ada' })
  await expect.poll(() => isConnected(page)).toBe(true)
  const lobby = hello({ room: 'lobby' })
  await mock.publish(lobby, 'said', { name: 'Mei', text: 'Hello from the backend' })
  await page.getByText('Hello from the backend').waitFor()

  mock.fault('offline')
  await expect.poll(() => isConnected(page)).toBe(false)
  await mock.publish(lobby, 'said', { name: 'Mei', text: 'Said in between' })
  mock.restore()
  await page.getByText('Said in between').waitFor()
  expect(await shownTexts(page)).toHaveLength(2)
  expect(errors).toEqual([])
  await context.close()
})
