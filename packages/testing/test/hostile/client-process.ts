// What client.test.ts starts in a process of its own: a client, whose memory can be measured, and whose end be seen.

import { createClient } from '@tidings/client'
import { note } from './contract.ts'

const client = createClient({
  url: process.argv[2] as string,
  onError: () => {},
  backoff: { firstMs: 50, maxMs: 200 },
  breaker: { failures: 1_000 },
})
client.channel(note({ room: 'lobby' })).hold()

process.on('message', () => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { rss } = process.memoryUsage()
  process.send?.({ rss, status: client.connection.get().status })
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
