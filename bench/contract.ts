// The contract of everything that is measured here.

import { channel, defineContract } from '@tidings/core'
import * as v from 'valibot'

export const room = channel('bench/:room', {
  events: { happened: v.object({ serial: v.string(), body: v.string() }) },
  signals: { moved: v.object({ at: v.string() }) },
  presence: v.object({ name: v.string() }),
})

export const contract = defineContract({ room })
