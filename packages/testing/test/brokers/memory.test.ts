import { memoryBroker } from '@tidings/server/memory'
import { brokerSuite } from '@tidings/testing/broker-suite'

brokerSuite('memoryBroker', {
  isDurable: false,
  // It looks at a channel once in 64 entries.
  slack: 64,
  place: async () => ({
    // Listeners of the suite throw on purpose.
    open: async ({ clock }) => memoryBroker({ clock, report: () => {} }),
    remove: async () => {},
  }),
})
