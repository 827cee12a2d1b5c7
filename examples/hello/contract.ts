import { channel, defineContract, type EntryMeta } from '@tidings/core'
import { z } from 'zod'

const name = z.string().trim().min(1).max(80)
const said = z.object({ name, text: z.string().trim().min(1).max(500) })

export type Message = z.infer<typeof said> & EntryMeta

export const hello = channel('hello/:room', {
  events: { said },
  presence: z.object({ name }),
  state: {
    version: 1,
    initial: [] as readonly Message[],
    on: { said: (messages, data, meta) => [...messages, { ...data, ...meta }].slice(-100) },
  },
})

export const contract = defineContract({ hello })
