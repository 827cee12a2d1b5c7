// The client in Chromium: how many events a second a page can take with 1, 10 and 100 components that show them, how
// often it renders, how long it is blocked, and whether its memory grows.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'
import { build, defaultClientConditions } from 'vite'
import { ensureChromium } from '../../scripts/chromium.ts'
import type { Tally } from '../pages/page.tsx'
import { Child } from '../processes/child.ts'
import type { Plan, Row } from './measure.ts'
import { medianOf, spreadOf } from './statistics.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const kinds = ['socket.io', 'tidings'] as const
type Kind = (typeof kinds)[number]

/** Published before the page has to have shown the first of it: enough for bursts, and less than what is kept. */
const AHEAD = 6_000
/** Published between two looks at what the page shows. Each look leaves some 700 bytes in the page. */
const STEP = 3_000
const BURST = 200
const MILLION = 1_000_000

export async function pages(plan: Plan): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-bench-pages-'))
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: ['--no-sandbox', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
  })
  try {
    await build({
      root: here('../pages'),
      configFile: false,
      logLevel: 'error',
      resolve: { conditions: ['@tidings/source', ...defaultClientConditions] },
      build: { outDir: folder, emptyOutDir: true },
    })
    const rows: Row[] = []
    for (const components of [1, 10, 100]) rows.push(await speed(plan, browser, { folder, components }))
    rows.push(await memory(browser, folder))
    return rows
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function speed(
  plan: Plan,
  browser: Browser,
  { folder, components }: { readonly folder: string; readonly components: number },
): Promise<Row> {
  const rates: Record<Kind, number[]> = { 'socket.io': [], tidings: [] }
  const words: Record<Kind, string> = { 'socket.io': '', tidings: '' }
  const visits = await Promise.all(kinds.map((kind) => visit(browser, { kind, folder, components })))
  try {
    for (let round = 0; round <= Math.min(plan.rounds, 3); round++) {
      for (const { kind, page, server, session } of visits) {
        const before = await tallyOf(page)
        const busyBefore = await busySeconds(session)
        const beganAt = performance.now()
        const events = await pour({ page, server }, { forMs: 1_000 })
        const wallMs = performance.now() - beganAt
        const after = await tallyOf(page)
        const busyUs = ((await busySeconds(session)) - busyBefore) * 1_000_000
        if (round === 0) continue
        rates[kind].push((events / wallMs) * 1_000)
        const perFrame = (after.renders - before.renders) / components / (after.frames - before.frames)
        const blocked = ((after.blockedMs - before.blockedMs) / wallMs) * 100
        words[kind] =
          `${kind} rendered each component ${perFrame.toFixed(1)} times a frame, worked ${Math.round(busyUs / events)} µs for an event ` +
          `and was blocked ${Math.round(blocked)} % of the time`
      }
    }
  } finally {
    for (const { page, server } of visits) await Promise.all([page.close(), server.end()])
  }
  const ratios = rates.tidings.map((rate, i) => rate / (rates['socket.io'][i] ?? Number.NaN))
  return {
    id: `page-${components}`,
    title: `A page with ${components} component${components === 1 ? '' : 's'} that show${components === 1 ? 's' : ''} every event`,
    unit: 'events a second',
    baseline: 'socket.io',
    figures: {
      'socket.io': { value: medianOf(rates['socket.io']), ratio: { median: 1, low: 1, high: 1 } },
      tidings: { value: medianOf(rates.tidings), ratio: spreadOf(ratios) },
    },
    note: `Shown means rendered and committed by React. In the last round ${words['socket.io']}; ${words.tidings}.`,
  }
}

async function memory(browser: Browser, folder: string): Promise<Row> {
  const { page, server } = await visit(browser, { kind: 'tidings', folder, components: 1 })
  try {
    await pour({ page, server }, { events: 20_000 })
    const before = await heapOf(page)
    await pour({ page, server }, { events: MILLION })
    const after = await heapOf(page)
    return {
      id: 'page-memory',
      title: 'A page after a million more events',
      unit: 'MB of heap more',
      goal: { kind: 'at most', of: 'value', number: 1 },
      figures: { tidings: { value: (after - before) / 1_000_000 } },
      note: `After garbage collection; ${(before / 1_000_000).toFixed(1)} MB before.`,
    }
  } finally {
    await Promise.all([page.close(), server.end()])
  }
}

interface Visit {
  readonly kind: Kind
  readonly page: Page
  readonly server: Child
  readonly session: CDPSession
}

async function visit(
  browser: Browser,
  { kind, folder, components }: { readonly kind: Kind; readonly folder: string; readonly components: number },
): Promise<Visit> {
  const server = new Child(`pages by ${kind}`, [
    process.execPath,
    '--conditions=@tidings/source',
    here('../processes/pages.ts'),
    ...[kind, folder],
  ])
  const page = await browser.newPage()
  const port = await server.ask<number>('port')
  await page.goto(`http://127.0.0.1:${port}/?client=${kind}&components=${components}`)
  // Until it hears something it may not be connected yet.
  while ((await tallyOf(page)).events === 0) {
    await server.ask('publish', { count: 1 })
    await page.waitForTimeout(50)
  }
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return { kind, page, server, session }
}

/** What the page's main thread has worked: its own time, not what it waited for a busy machine. */
async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
}

/** Publishes as fast as the page shows, for a time or a number of events, and waits until it has shown them all. */
async function pour(
  { page, server }: Pick<Visit, 'page' | 'server'>,
  bound: { readonly forMs: number } | { readonly events: number },
): Promise<number> {
  const first = await settled(page)
  const beganAt = performance.now()
  let said = 0
  const shows = async (count: number) => {
    const hasShown = (events: number) => window.tally.events >= events
    const handle = await page.waitForFunction(hasShown, count, { polling: 'raf' })
    await handle.dispose()
  }
  const isDone = () => ('forMs' in bound ? performance.now() - beganAt >= bound.forMs : said >= bound.events)
  while (!isDone()) {
    for (let burst = 0; burst < STEP; burst += BURST) await server.ask('publish', { count: BURST })
    said += STEP
    // More comes while a page waits to be painted: that is time, and no work.
    await shows(first + said - (AHEAD - STEP))
  }
  await shows(first + said)
  const { events } = await tallyOf(page)
  if (events !== first + said) throw new Error(`a page shows ${events - first} of ${said} events`)
  return said
}

/** What is on its way has arrived. */
async function settled(page: Page): Promise<number> {
  let before = -1
  for (;;) {
    const { events } = await tallyOf(page)
    if (events === before) return events
    before = events
    await page.waitForTimeout(100)
  }
}

const tallyOf = (page: Page): Promise<Tally> => page.evaluate(() => window.tally)

async function heapOf(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { gc } = globalThis as { gc?: () => void }
    for (let i = 0; i < 5; i++) {
      gc?.()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const { memory } = performance as { memory?: { usedJSHeapSize: number } }
    return memory?.usedJSHeapSize ?? Number.NaN
  })
}
