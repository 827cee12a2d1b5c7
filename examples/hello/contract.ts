import { channel, defineContract, type EntryMeta } from '@tidings/core'
import * as v from 'valibot'

const words = (most: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most))
const said = v.object({ name: words(80), text: words(500) })

export type Message = v.InferOutput<typeof said> & EntryMeta

export const hello = channel('hello/:room', {
  events: { said },
  presence: v.object({ name: words(80) }),
  state: {
    version: 1,
    initial: [] as readonly Message[],
    on: { said: (messages, data, meta) => [...messages, { ...data, ...meta }].slice(-100) },
  },
})

export const contract = defineContract({ hello })
