import { channel, defineContract, type EntryMeta } from '@tidings/core'
import * as z from 'zod'

const arrived = z.object({ title: z.string().min(1), message: z.string() })

export type Notice = z.infer<typeof arrived> & EntryMeta

export const inbox = channel('inbox/:user', {
  events: { arrived, cleared: z.object({}) },
  state: {
    version: 1,
    initial: [] as readonly Notice[],
    on: { arrived: (notices, data, meta) => [...notices, { ...data, ...meta }], cleared: () => [] },
  },
})

export const contract = defineContract({ inbox })
