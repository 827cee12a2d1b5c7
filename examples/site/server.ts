// The server behind every example: what `npm start` runs once the pages are built. One contract has the channels of all.

import { defineContract } from '@tidings/core'
import { simulateLearners } from '@tidings/example-biology-academy/campus/learners.ts'
import { contract as biologyAcademy } from '@tidings/example-biology-academy/contract.ts'
import { contract as career } from '@tidings/example-career-copilot/contract.ts'
import { careerRoutes } from '@tidings/example-career-copilot/server/api.ts'
import { seed } from '@tidings/example-career-copilot/server/seed.ts'
import { hello, contract as helloContract } from '@tidings/example-hello/contract.ts'
import { anonymous } from '@tidings/server'
import { run } from '@tidings/server/run'

const running = await run({
  contract: defineContract({ ...helloContract.channels, ...biologyAcademy.channels, ...career.channels }),
  // Visitors need no account: whoever reaches this server may read and write.
  authenticate: anonymous(),
  routes: (tidings) => {
    seed(tidings).catch((error) => tidings.reportFault('the first content of Career Copilot', error))
    return careerRoutes(tidings)
  },
  pages: new URL('dist', import.meta.url),
  // Biology Academy also shows a server that knows nothing of Tidings, on this machine.
  connects: ['ws://localhost:*', 'ws://127.0.0.1:*'],
  example: {
    page: '/hello',
    channel: hello({ room: 'lobby' }),
    event: 'said',
    data: { name: 'Terminal', text: 'Hello from curl' },
  },
})

simulateLearners(running)
