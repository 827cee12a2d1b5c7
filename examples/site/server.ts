// The server behind every example: what `npm start` runs once the pages are built.

import { defineContract } from '@tidings/core'
import { contract as biologyAcademy } from '@tidings/example-biology-academy/contract.ts'
import { hello, contract as helloContract } from '@tidings/example-hello/contract.ts'
import { anonymous } from '@tidings/server'
import { run } from '@tidings/server/run'

await run({
  contract: defineContract({ ...helloContract.channels, ...biologyAcademy.channels }),
  // Visitors need no account: whoever reaches this server may read and write.
  authenticate: anonymous(),
  pages: new URL('dist', import.meta.url),
  example: {
    page: '/hello',
    channel: hello({ room: 'lobby' }),
    event: 'said',
    data: { name: 'Terminal', text: 'Hello from curl' },
  },
})
