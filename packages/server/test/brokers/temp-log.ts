// Logs in folders of their own, gone when the test is over, and the few ways in which these tests write.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppendIdentity, AppendOutcome, Broker, KeepRule } from '@tidings/server'
import { type SqliteBrokerOptions, sqliteBroker } from '@tidings/server/sqlite'
import { onTestFinished } from 'vitest'

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const tempFile = () => join(tempFolder(), 'log.db')

/** Closed when the test is over, if it was not before. */
export async function openLog(options: SqliteBrokerOptions): Promise<Broker> {
  const broker = await sqliteBroker(options)
  onTestFinished(() => broker.close())
  return broker
}

export const keepAll: KeepRule = { entries: 1_000_000, sinceSnapshot: false }

export interface AppendOptions {
  readonly channel?: string
  readonly identity?: AppendIdentity
  readonly keep?: KeepRule
}

/** One entry with this data. */
export async function append(
  broker: Broker,
  data: unknown,
  options: AppendOptions = {},
): Promise<AppendOutcome> {
  const drafts = [{ event: 'said', data: JSON.stringify(data) }]
  return broker.append({ channel: 'a', drafts, keep: keepAll, ...options })
}

/** The data of all kept entries. */
export async function dataOf(broker: Broker, channel = 'a'): Promise<unknown[]> {
  const page = await broker.read(channel, 'start', { maxEntries: 1_000_000, maxLength: 1_000_000_000 })
  return page.outcome === 'page' ? page.entries.map(({ data }) => JSON.parse(data)) : []
}
