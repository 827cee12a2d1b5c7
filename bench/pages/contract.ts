// What the page of the client's measure listens to: a state of bounded size, folded from many events.

import { channel, defineContract } from '@tidings/core'
import * as v from 'valibot'

export const board = channel('board/:id', {
  events: { moved: v.object({ serial: v.number(), body: v.string() }) },
  state: {
    version: 1,
    initial: { count: 0, latest: [] as readonly number[] },
    on: {
      moved: ({ count, latest }, { serial }) => ({
        count: count + 1,
        latest: [...latest.slice(-19), serial],
      }),
    },
  },
  retention: { entries: 10_000 },
})

export const contract = defineContract({ board })
