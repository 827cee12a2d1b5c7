// The contract of everything that is measured here.

import { channel, defineContract } from '@tidings/core'
import * as v from 'valibot'

export const room = channel('bench/:room', {
  events: { happened: v.object({ serial: v.string(), body: v.string() }) },
  signals: { moved: v.object({ at: v.string() }) },
  presence: v.object({ name: v.string() }),
  // A reader who sleeps through a measure has to find all of it.
  retention: { entries: 20_000 },
})

export const contract = defineContract({ room })
