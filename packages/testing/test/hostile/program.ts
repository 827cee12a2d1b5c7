// What limits.test.ts starts in a process of its own: the program that `run` makes of a server.

import { anonymous } from '@tidings/server'
import { run } from '@tidings/server/run'
import { contract } from './contract.ts'

await run({
  contract,
  authenticate: anonymous(),
  calls: { note: { shout: ({ text }) => ({ text }), stall: () => new Promise<never>(() => {}) } },
  limits: { strangersPerAddress: 10_000, requestsPerSecond: 10_000 },
})

process.on('message', () => void Promise.reject(new Error('nobody waits for this')))
