// The conformance suite of brokers: one test for each rule BR1–BR10 of SPEC.md and each of its edges, and random runs
// against a model. A new broker is one file, and one call of this.

import { afterEach, beforeEach, describe } from 'vitest'
import { appending } from './broker/appending.ts'
import { identitiesAreKept, producersAreCounted } from './broker/identities.ts'
import { snapshots, trimming } from './broker/keeping.ts'
import { lasting } from './broker/lasting.ts'
import { listening } from './broker/listening.ts'
import { type BrokerSubject, LogUnderTest } from './broker/log-under-test.ts'
import { randomRuns } from './broker/random-runs.ts'
import { reading } from './broker/reading.ts'

export type { BrokerPlace, BrokerSubject } from './broker/log-under-test.ts'

/**
 * Call it in a test file.
 *
 * @example
 * brokerSuite('memoryBroker', {
 *   isDurable: false,
 *   place: async () => ({ open: async ({ clock }) => memoryBroker({ clock }), remove: async () => {} }),
 * })
 */
export function brokerSuite(name: string, subject: BrokerSubject): void {
  const { isDurable, slack = 1_000 } = subject

  // A disk that others use as well may take seconds for what it does in milliseconds.
  describe(name, { timeout: 30_000 }, () => {
    let current: LogUnderTest
    const log = () => current
    beforeEach(async () => {
      current = await LogUnderTest.at(subject)
    })
    afterEach(() => current.remove())

    appending(log, isDurable)
    identitiesAreKept(log, isDurable, slack)
    producersAreCounted(log, isDurable)
    reading(log, slack)
    listening(log)
    trimming(log, slack)
    snapshots(log, isDurable, slack)
    lasting(log, isDurable)
  })

  describe(`${name}, at random`, () => randomRuns(subject))
}
