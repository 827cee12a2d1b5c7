// Tells the service worker which files each page needs: what the page names, and what that names in turn. A name carries
// a digest of the file's content, so it stands in a text only where it is meant.

import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import type { Plugin, Rolldown } from 'vite'

/** The worker's file: at the root, so that it may serve every page. */
export const WORKER = 'sw.js'
/** Fonts come in a file for each script; the worker keeps those that a reader has met. */
const FONT = /\.woff2?$/

export function offline(): Plugin {
  return {
    name: 'tidings-site-offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const worker = bundle[WORKER]
      // A page that is built by itself, to be measured, has none.
      if (worker?.type !== 'chunk') return
      const pages = pagesOf(bundle)
      const build = createHash('sha256')
        .update(JSON.stringify([...pages]))
        .digest('hex')
        .slice(0, 12)
      const files = Object.fromEntries([...pages].map(([path, page]) => [path, page.files]))
      worker.code = `const BUILD = ${JSON.stringify(build)}, PAGES = ${JSON.stringify(files)};\n${worker.code}`
    },
  }
}

interface Page {
  readonly html: string
  readonly files: readonly string[]
}

function pagesOf(bundle: Rolldown.OutputBundle): ReadonlyMap<string, Page> {
  const texts = new Map(Object.values(bundle).map((file) => [file.fileName, textOf(file)]))
  const assets = [...texts.keys()].filter((name) => name.startsWith('assets/') && !FONT.test(name))
  const pages = new Map<string, Page>()
  for (const [name, html] of texts) {
    if (!name.endsWith('index.html')) continue
    const needed = new Set<string>()
    const look = (text: string) => {
      for (const asset of assets) {
        if (needed.has(asset) || !text.includes(basename(asset))) continue
        needed.add(asset)
        look(texts.get(asset) ?? '')
      }
    }
    look(html)
    const folder = dirname(name)
    pages.set(folder === '.' ? '/' : `/${folder}`, {
      html,
      files: [...needed].map((file) => `/${file}`).sort(),
    })
  }
  return pages
}

function textOf(file: Rolldown.OutputAsset | Rolldown.OutputChunk): string {
  return file.type === 'chunk' ? file.code : String(file.source)
}
