// Who comes to the academy finds it under way: at once, and with what has been there before at times before.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createClient } from '@tidings/client'
import { anonymous, createHttpServer, createServer, silentLogger } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { expect, it, onTestFinished } from 'vitest'
import { simulateLearners } from '../campus/learners.ts'
import {
  contract,
  type Dated,
  studyMetrics,
  studyNotifications,
  studySessions,
  systemStatus,
} from '../contract.ts'

/** On a machine that is busy. */
const soon = { timeout: 20_000 }
const NEVER_MS = 2 ** 31 - 1
const MINUTE_MS = 60_000

async function openServer(apiKey: string): Promise<string> {
  const http = createHttpServer()
  const server = createServer({
    ...{ contract, broker: memoryBroker(), authenticate: anonymous() },
    ...{ apiKeys: [{ key: apiKey }], logger: silentLogger },
  })
  server.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(async () => {
    await server.close({ drainMs: 1 })
    http.closeAllConnections()
    await new Promise<void>((resolve) => void http.close(() => resolve()))
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

it('whoever comes is noticed before the next round, and what is earlier has earlier times', async () => {
  const apiKey = 'a-key-that-nobody-guesses'
  const url = await openServer(apiKey)
  onTestFinished(simulateLearners({ url, apiKey, everyMs: NEVER_MS, noticeMs: 20 }))
  const client = createClient({ url })
  onTestFinished(() => client.close())
  const metrics = client.channel(studyMetrics({ user: 'ada' })).state
  const notes = client.channel(studyNotifications({ user: 'ada' })).state
  const checks = client.channel(systemStatus()).state
  for (const state of [metrics, notes, checks]) onTestFinished(state.subscribe(() => {}))
  client.channel(studySessions()).enter({ userId: 'ada', userName: 'Ada Brandt', joinedAt: Date.now() })
  await expect.poll(() => metrics.get()?.length, soon).toBe(25)
  await expect.poll(() => [notes.get()?.length, checks.get()?.length], soon).toEqual([5, 17])
  const apart = (items: readonly Dated<object>[] | undefined) =>
    (items ?? []).slice(1).map(({ at }, i) => Math.abs(at - (items?.[i]?.at ?? 0)))
  expect(Math.min(...apart(metrics.get()))).toBeGreaterThanOrEqual(MINUTE_MS)
  expect(Math.min(...apart(notes.get()))).toBeGreaterThanOrEqual(MINUTE_MS)
  expect(Math.max(...(notes.get() ?? []).map(({ at }) => at))).toBeLessThan(Date.now() - MINUTE_MS)
})
