// What the servers of these tests serve.

import { channel, defineContract } from '@tidings/core'
import * as z from 'zod'

export const note = channel('note/:room', {
  events: { said: z.object({ text: z.string() }), noted: z.unknown() },
  signals: { typing: z.object({ at: z.number() }) },
  presence: z.object({ name: z.string() }),
  calls: {
    shout: { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) },
    stall: { input: z.object({}), output: z.object({}) },
  },
})

/** A sum that some entries cannot be added to. */
export const tally = channel('tally/:room', {
  events: { added: z.object({ n: z.number() }) },
  state: {
    version: 2,
    initial: { sum: 0 },
    on: {
      added: (state: { readonly sum: number }, { n }) => {
        if (n === 13) throw new Error('unlucky')
        return { sum: state.sum + n }
      },
    },
  },
  retention: { entries: 10 },
})

/** Keeps ten entries. */
export const brief = channel('brief/:room', {
  events: { said: z.object({ text: z.string() }) },
  retention: { entries: 10 },
})

/** Everything that was laid on it. */
export const pile = channel('pile/:room', {
  events: { said: z.object({ text: z.string() }) },
  state: {
    version: 1,
    initial: [] as readonly string[],
    on: { said: (state: readonly string[], { text }) => [...state, text] },
  },
})

export const contract = defineContract({ note, tally, brief, pile })

export const KEY = 'the-key-of-the-tests-backend'

export const eventsPath = (channelName: string) => `/v1/channels/${encodeURIComponent(channelName)}/events`
