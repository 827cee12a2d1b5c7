// Builds the pages beside those that are there, and puts them in their place when they are whole: a server that serves
// them meanwhile goes on, and a build that fails takes nothing away.

import { renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const pages = here('dist')
// Where nobody looks, and on the same disk.
const next = here(`../../node_modules/.cache/pages-${process.pid}`)
const before = `${next}-before`

try {
  const outDir = { outDir: next, emptyOutDir: true }
  await build({ configFile: here('vite.config.ts'), logLevel: 'warn', build: outDir })
  replace()
} finally {
  for (const folder of [next, before]) rmSync(folder, { recursive: true, force: true })
}

function replace(): void {
  try {
    renameSync(pages, before)
  } catch (error) {
    // The first build has nothing to replace.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  renameSync(next, pages)
}
