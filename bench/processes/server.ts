// The process of one server: `server.ts <system> <options as JSON>`. Says what it has used so far.

import type { ServeOptions } from '../system.ts'
import { type SystemName, systems } from '../systems/all.ts'
import { answerParent } from './child.ts'

const [name, options = '{}'] = process.argv.slice(2)
const serving = await systems[name as SystemName].serve(JSON.parse(options) as ServeOptions)

const runtime = globalThis as { gc?: () => void; Bun?: { gc(isSync: boolean): void } }

/** Everything that this process has used so far, all threads together. */
export interface Usage {
  readonly cpuMs: number
  readonly rssBytes: number
  /** Of that, what JavaScript keeps, and the buffers that hang on it. */
  readonly heapBytes: number
  readonly peakRssBytes: number
}

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  const { maxRSS } = process.resourceUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    cpuMs: (user + system) / 1_000,
    rssBytes: rss,
    heapBytes: heapUsed + external,
    peakRssBytes: maxRSS * 1_024,
  }
}

answerParent({
  port: () => serving.port,
  usage,
  /** After what is no longer used has been given back. */
  settledUsage: async () => {
    for (let i = 0; i < 4; i++) {
      runtime.gc?.()
      runtime.Bun?.gc(true)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return usage()
  },
})
