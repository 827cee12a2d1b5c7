// The feed in Python as a process of its own, as a backend would run it.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root, type Site } from '@tidings/example-hello/e2e/site.ts'

const script = join(root, 'examples/career-copilot/feed/feed.py')
const run = promisify(execFile)

/** What it printed: type, position, and `again` where the log had the event already. */
export async function feed(site: Site, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, TIDINGS_API_KEY: site.apiKey }
  const { stdout } = await run('python3', [script, '--url', site.url, ...args], { env, timeout: 60_000 })
  return stdout.trim()
}

/** The first thing that it says where nobody listens at the port that the environment names. */
export async function firstWords(port: number): Promise<string> {
  const env = { ...process.env, TIDINGS_API_KEY: 'unused', PORT: String(port) }
  const child = spawn('python3', [script, 'run'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    const [words] = await once(child.stderr, 'data', { signal: AbortSignal.timeout(20_000) })
    return String(words)
  } finally {
    child.kill('SIGKILL')
  }
}

/** What the log has of a channel, oldest first. */
export async function entries(
  site: Site,
  channel: string,
): Promise<readonly { readonly event: string; readonly data: unknown }[]> {
  const response = await fetch(`${site.url}/v1/channels/${encodeURIComponent(channel)}/events?limit=1000`, {
    headers: { authorization: `Bearer ${site.apiKey}` },
  })
  return ((await response.json()) as { readonly entries: { event: string; data: unknown }[] }).entries
}
