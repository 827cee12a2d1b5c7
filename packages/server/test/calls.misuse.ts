// What the types of call handlers must take and refuse. Nothing here runs: the type check is the test.

import { channel, defineContract } from '@tidings/core'
import type { CallHandlers } from '@tidings/server'
import { z } from 'zod'

export function callMisuse() {
  const desk = channel('desk/:id', {
    events: {},
    calls: {
      find: {
        input: z.object({ most: z.number().default(3) }),
        output: z.object({ titles: z.array(z.string()), isLast: z.boolean().default(true) }),
      },
    },
  })
  const contract = defineContract({ desk })
  type Handlers = CallHandlers<typeof contract>

  // A handler reads what the input's schema gives out, and returns what the output's schema takes in.
  ;({ desk: { find: ({ most }) => ({ titles: [most.toFixed()] }) } }) satisfies Handlers
  // @ts-expect-error: titles are text
  ;({ desk: { find: ({ most }) => ({ titles: [most] }) } }) satisfies Handlers
  // @ts-expect-error: the input has no `least`
  ;({ desk: { find: ({ least }) => ({ titles: [String(least)] }) } }) satisfies Handlers
  // @ts-expect-error: no such call
  ;({ desk: { found: () => ({ titles: [] }) } }) satisfies Handlers
}
