import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteBroker } from '@tidings/server/sqlite'
import { brokerSuite } from '@tidings/testing/broker-suite'

brokerSuite('sqliteBroker', {
  isDurable: true,
  // It looks at a channel once in 64 entries, and lets go of whole runs: 64 entries, or an append of 100.
  slack: 164,
  place: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-'))
    return {
      // Listeners of the suite throw on purpose.
      open: ({ clock }) => sqliteBroker({ file: join(folder, 'log.db'), clock, report: () => {} }),
      remove: () => rm(folder, { recursive: true }),
    }
  },
})
