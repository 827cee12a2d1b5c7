// The page of lab/, built and served by hello's own server in a process of its own; and a browser with a profile on the
// disk, which can be killed.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { executablePath, flags } from './browser.ts'
import type {} from './lab/lab.ts'
import { root, Site, until } from './site.ts'

/** A page of a channel's entries, as the server answers it. */
interface History {
  readonly position: string
  readonly isComplete: boolean
  readonly entries: readonly { readonly data: { readonly text: string } }[]
}

export class Laboratory {
  readonly site: Site
  readonly #folder: string

  private constructor(site: Site, folder: string) {
    this.site = site
    this.#folder = folder
  }

  static async open(): Promise<Laboratory> {
    const folder = mkdtempSync(join(tmpdir(), 'lab-e2e-'))
    await build({
      root: join(import.meta.dirname, 'lab'),
      configFile: join(root, 'examples/site/vite.config.ts'),
      logLevel: 'error',
      build: {
        outDir: join(folder, 'dist'),
        rolldownOptions: { input: join(import.meta.dirname, 'lab/index.html') },
      },
    })
    const site = await Site.start({ serverFile: join(root, 'examples/hello/server.ts'), folder })
    return new Laboratory(site, folder)
  }

  /** A reading of the server's metrics. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.site.url}/metrics`)).text()
    return Number(new RegExp(`^tidings_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  }

  /** The texts of the log, oldest first. */
  async log(room = 'lab'): Promise<string[]> {
    const headers = { authorization: `Bearer ${this.site.apiKey}` }
    const texts: string[] = []
    for (let after = 'start', isComplete = false; !isComplete; ) {
      const response = await fetch(`${this.site.addressOf(room)}?after=${after}&limit=1000`, { headers })
      const page = (await response.json()) as History
      texts.push(...page.entries.map(({ data }) => data.text))
      after = page.position
      isComplete = page.isComplete
    }
    return texts
  }

  async close(): Promise<void> {
    await this.site.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Opens the page, and waits until its client is connected. */
export async function openTab(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  await until('the tab is connected', () =>
    page.evaluate(() => window.lab.client.connection.get().status === 'connected'),
  )
  return page
}

/** A browser that leaves its profile behind when it is killed, as a person's does. */
export class KillableBrowser {
  readonly context: BrowserContext
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, context: BrowserContext) {
    this.#child = child
    this.context = context
  }

  static async open(profile: string): Promise<KillableBrowser> {
    const own = ['--headless=new', '--remote-debugging-port=0', '--no-default-browser-check']
    const args = [...flags, ...own, `--user-data-dir=${profile}`, 'about:blank']
    // A group of its own: all of its processes can be ended at once.
    const child = spawn(executablePath(), args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
    let output = ''
    child.stderr?.on('data', (chunk) => {
      output += chunk
    })
    const address = () => /DevTools listening on (ws:\S+)/.exec(output)?.[1]
    await until('the browser can be spoken to', () => {
      if (child.exitCode !== null) throw new Error(`The browser ended:\n${output}`)
      return address() !== undefined
    })
    const browser = await chromium.connectOverCDP(address() ?? '')
    const [context = await browser.newContext()] = browser.contexts()
    return new KillableBrowser(child, context)
  }

  /** As a crash or an empty battery ends it. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    const ended = once(this.#child, 'exit')
    process.kill(-pid, 'SIGKILL')
    await ended
  }
}
