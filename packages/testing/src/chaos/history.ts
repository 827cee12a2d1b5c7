// Reads the log back as any backend would: over HTTP, from the first entry to the last.

import { parsePosition } from '@tidings/core'
import type { StoredEntry } from '@tidings/server'
import type { ChannelLog } from './checker.ts'

interface Page {
  readonly position: string
  readonly isComplete: boolean
  readonly entries: readonly (Omit<StoredEntry, 'data'> & { readonly data: unknown })[]
}

export interface LogAddress {
  readonly origin: string
  readonly apiKey: string
}

const PAGE = 1_000

export async function readLog(address: LogAddress, channel: string): Promise<ChannelLog> {
  const entries: StoredEntry[] = []
  let after = 'start'
  for (;;) {
    const page = await read(address, channel, { after, limit: PAGE })
    // As the log has it: text.
    entries.push(...page.entries.map((entry) => ({ ...entry, data: JSON.stringify(entry.data) })))
    after = page.position
    if (page.isComplete) return { channel, epoch: parsePosition(after)?.epoch ?? '', entries }
  }
}

export async function readHead(address: LogAddress, channel: string): Promise<string> {
  return (await read(address, channel, { after: 'now', limit: 0 })).position
}

async function read(
  { origin, apiKey }: LogAddress,
  channel: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<Page> {
  const address = `${origin}/v1/channels/${encodeURIComponent(channel)}/events?after=${after}&limit=${limit}`
  const answer = await fetch(address, { headers: { authorization: `Bearer ${apiKey}` } })
  if (answer.status !== 200)
    throw new Error(`The log of ${channel} cannot be read: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Page
}
