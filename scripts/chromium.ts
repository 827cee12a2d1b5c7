// The browser of the browser tests: found, or installed where that takes no questions.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const commands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const applications = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The path of a Chromium or Chrome. Throws with a sentence that says what to do. */
export async function ensureChromium(): Promise<string> {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen) {
    if (existsSync(chosen)) return chosen
    throw new Error(`CHROMIUM_PATH is ${chosen}, and there is no such file.`)
  }
  const found = find()
  if (found) return found
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    throw new Error(
      'The browser tests need Chromium or Chrome: install it (Debian, Ubuntu: sudo apt-get install chromium), ' +
        'or set CHROMIUM_PATH to one.',
    )
  }
  await aptGet('update')
  await aptGet('install', '-y', '--no-install-recommends', 'chromium')
  const installed = find()
  if (installed) return installed
  throw new Error('apt-get installed chromium, but no such command is on the PATH. Set CHROMIUM_PATH to it.')
}

function find(): string | undefined {
  return commands.map(onPath).find((path) => path) ?? applications.find(existsSync)
}

function onPath(command: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, command)).find(existsSync)
}

function aptGet(...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const child = spawn('apt-get', ['-q', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else
        reject(
          new Error(`Chromium could not be installed: apt-get ${args[0]} failed.\n${output.slice(-2000)}`),
        )
    })
  })
}
