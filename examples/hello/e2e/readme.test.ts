// README's own lines, run as they are written. A block `sh run=<name>` is run here by that name; a block
// `ts file=<path>` is that file.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFences } from '../../../scripts/fences.ts'
import { launch, shownTexts, visit } from './browser.ts'
import { freePort, root, until } from './site.ts'

const fences = readFences(readFileSync(join(root, 'README.md'), 'utf8'))
const files = fences.filter(({ info }) => info.file !== undefined)
const commands = new Map(fences.filter(({ info }) => info.run).map(({ info, text }) => [info.run, text]))

/** A command as README has it, but for the port where 4000 is taken on this machine. */
function command(name: string, port: number): string {
  const text = commands.get(name)
  if (text === undefined) throw new Error(`README has no block run=${name}.`)
  return text.replaceAll('localhost:4000', `localhost:${port}`)
}

describe('README', () => {
  it('shows files as they are', () => {
    expect(files.length).toBeGreaterThan(0)
    for (const { info, text, line } of files) {
      const path = info.file as string
      expect(`${text}\n`, `README.md, line ${line}, is not ${path}: run npm run readme`).toBe(
        readFileSync(join(root, path), 'utf8'),
      )
    }
  })

  it('shows contract, server and page of hello on one screen', () => {
    const hello = files.filter(({ info }) => info.file?.startsWith('examples/hello/'))
    expect(hello.map(({ info }) => info.file).sort()).toEqual(
      ['app.tsx', 'contract.ts', 'server.ts'].map((name) => `examples/hello/${name}`),
    )
    expect(hello.flatMap(({ text }) => text.split('\n')).length).toBeLessThanOrEqual(50)
  })

  it('has no command that nobody runs', () => {
    const shell = fences.filter(({ language }) => language === 'sh')
    expect(shell.map(({ info }) => info.run)).toEqual(['start', 'publish', 'follow', 'test'])
    // This very test is part of what it runs.
    expect(commands.get('test')).toBe('npm test')
  })
})

describe('a stranger who follows README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hello-readme-'))
  const running: ChildProcess[] = []
  let port: number
  let browser: Browser

  /** In a process group of its own, so that what it starts ends with it. */
  function shell(line: string, cwd: string) {
    const child = spawn('bash', ['-c', line], {
      cwd,
      detached: true,
      env: {
        ...process.env,
        PORT: String(port),
        TIDINGS_DATA: join(folder, '.tidings'),
        TIDINGS_API_KEY: '',
        NODE_OPTIONS: '',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.push(child)
    // Not before everything that it printed has come.
    const result = { child, output: '', ended: once(child, 'close').then(([code]) => code) }
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        result.output += chunk
      })
    }
    return result
  }

  beforeAll(async () => {
    browser = await launch()
    port = (await isFree(4000)) ? 4000 : await freePort()
  })

  afterAll(async () => {
    await browser?.close()
    for (const child of running) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue
      const ended = once(child, 'exit')
      process.kill(-child.pid, 'SIGTERM')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  })

  it('starts, opens the page, publishes from a shell, and follows the channel', async () => {
    const start = shell(command('start', port), root)
    const address = `http://localhost:${port}`
    await until(
      'npm start prints the address',
      () => {
        if (start.child.exitCode !== null) throw new Error(`npm start ended:\n${start.output}`)
        return start.output.includes(address)
      },
      90_000,
    )
    const { page, errors } = await visit(browser, `${address}/hello`)
    await until('the page is connected', () =>
      page.locator('.connection[data-status="connected"]').isVisible(),
    )

    const follow = shell(command('follow', port), folder)
    await until('the stream is open', () => follow.output.includes(':'))

    const publish = shell(command('publish', port), folder)
    expect(await publish.ended, publish.output).toBe(0)
    expect(publish.output).toMatch(/"position":"\w+:1:\w+"/)
    await until('it is on the page', async () => (await shownTexts(page)).length === 1)
    expect(await shownTexts(page)).toEqual(['Hello from the shell'])
    await until('it is in the stream', () => follow.output.includes('Hello from the shell'))

    const pasted = shell(curlIn(start.output), root)
    expect(await pasted.ended, pasted.output).toBe(0)
    expect(pasted.output).toMatch(/"position":"\w+:2:\w+"/)
    await until('what was pasted is on the page', async () => (await shownTexts(page)).length === 2)

    const copied = shell(await page.getByLabel('Command to publish a message').innerText(), folder)
    expect(await copied.ended, copied.output).toBe(0)
    await until('what was copied from the page is on it', async () => (await shownTexts(page)).length === 3)
    expect(errors).toEqual([])
  })
})

/** The command in what npm start printed, whole, however many lines it has. */
function curlIn(output: string): string {
  const lines = output.split('\n')
  const first = lines.findIndex((line) => line.trim().startsWith('curl '))
  if (first < 0) throw new Error(`npm start printed no line with curl:\n${output}`)
  let last = first
  while (lines[last]?.endsWith('\\')) last++
  return lines.slice(first, last + 1).join('\n')
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
