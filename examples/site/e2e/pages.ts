// `npm run pages`: the examples as README shows them, what a browser loads for each, and how long until it is live;
// into docs/pictures and docs/pages.md.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { launch, say, visit } from '@tidings/example-hello/e2e/browser.ts'
import { buildPages, pause, root, Site } from '@tidings/example-hello/e2e/site.ts'
import type { Browser } from 'playwright-core'
import { build, type Rolldown } from 'vite'

const pages = ['hello', 'career-copilot', 'biology-academy', 'gallery'] as const
type PageName = (typeof pages)[number]

/** Visits of which the median counts. */
const VISITS = 7
const folder = join(root, 'docs', 'pictures')
const table = join(root, 'docs', 'pages.md')

buildPages()
mkdirSync(folder, { recursive: true })
const browser = await launch()
const site = await Site.start()
const rows: string[] = []
try {
  for (const name of pages) {
    await picture(name)
    const { all, styles, tidings, kit } = await sizesOf(name)
    const liveMs = name === 'gallery' ? '–' : `${await liveAfterMs(browser, `${site.url}/${name}`)} ms`
    rows.push(`| \`/${name}\` | ${kB(all)} | ${kB(styles)} | ${kB(tidings)} | ${kB(kit)} | ${liveMs} |`)
    console.log(rows.at(-1))
  }
} finally {
  await browser.close()
  await site.stop()
}
const text = readFileSync(table, 'utf8')
const [head = '', , tail = ''] = text.split(/<!-- (?:figures|end of figures)[^>]*-->/)
writeFileSync(
  table,
  [
    `${head}<!-- figures: written by npm run pages -->`,
    '| page | all scripts | styles | of the scripts: Tidings | the component kit | live after |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    `<!-- end of figures -->${tail}`,
  ].join('\n'),
)

async function picture(name: PageName): Promise<void> {
  const { page, context } = await visit(browser, `${site.url}/${name}`, {
    viewport: { width: 1200, height: 750 },
    ...(name === 'hello' && { name: 'Marta Lindqvist' }),
  })
  if (name === 'hello') {
    for (const [who, what] of [
      ['Tomás Ferreira', 'Morning. The rollout of 2.4.1 starts at ten, Lisbon first.'],
      ['Deploy', 'eu-west-1: 2.4.1 is live on 12 of 12 instances after 3 min 41 s'],
    ] as const)
      await site.publish('lobby', who, what)
    await say(page, 'Thank you. I watch the queue there.')
  }
  // What a page says on arrival has been said, and nothing moves any more.
  await pause(8_000)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  await context.close()
}

/** From the beginning of the navigation until the server has called the first channel live: the median. */
async function liveAfterMs(from: Browser, address: string): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < VISITS; i++) {
    const context = await from.newContext()
    const page = await context.newPage()
    const isLive = Promise.withResolvers<number>()
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('"type":"live"')) isLive.resolve(performance.now())
      }),
    )
    const began = performance.now()
    await page.goto(address)
    times.push((await isLive.promise) - began)
    await context.close()
  }
  times.sort((a, b) => a - b)
  return Math.round(times[VISITS >> 1] ?? Number.NaN)
}

/** Minified and gzipped bytes of what the page loads at once, built by itself with Tidings in a chunk of its own. */
async function sizesOf(name: PageName) {
  const input = fileURLToPath(new URL(`../${name}/index.html`, import.meta.url))
  const groups = [
    { name: 'tidings', test: /packages\/(core|client|react)\/src/ },
    { name: 'kit', test: /packages\/ui\/src/ },
  ]
  const { output } = (await build({
    configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
    logLevel: 'silent',
    build: { write: false, rolldownOptions: { input, output: { codeSplitting: { groups } } } },
  })) as Rolldown.RolldownOutput
  const chunks = new Map(output.flatMap((each) => (each.type === 'chunk' ? [[each.fileName, each]] : [])))
  const loaded = new Set<string>()
  const load = (fileName: string) => {
    const chunk = chunks.get(fileName)
    if (!chunk || loaded.has(fileName)) return
    loaded.add(fileName)
    for (const next of chunk.imports) load(next)
  }
  for (const { fileName, isEntry } of chunks.values()) if (isEntry) load(fileName)
  const sum = (isCounted: (chunkName: string) => boolean) =>
    [...loaded].reduce((bytes, fileName) => {
      const chunk = chunks.get(fileName)
      return chunk && isCounted(chunk.name) ? bytes + gzipSync(chunk.code).length : bytes
    }, 0)
  const styles = output.reduce(
    (bytes, each) =>
      each.type === 'asset' && each.fileName.endsWith('.css') ? bytes + gzipSync(each.source).length : bytes,
    0,
  )
  return {
    all: sum(() => true),
    styles,
    tidings: sum((chunk) => chunk === 'tidings'),
    kit: sum((chunk) => chunk === 'kit'),
  }
}

function kB(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`
}
