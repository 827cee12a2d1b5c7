// The contract that the tests talk by.

import { channel, defineContract } from '@tidings/core'
import { z } from 'zod'

export interface Message {
  readonly id: string
  readonly text: string
  readonly isPending: boolean
}

export const hello = channel('hello/:room', {
  events: {
    said: z.object({ text: z.string().min(1).max(500) }),
    waved: z.object({}),
  },
  state: {
    version: 1,
    initial: [] as readonly Message[],
    on: { said: (messages, { text }, { id, isPending }) => [...messages, { id, text, isPending }] },
  },
  signals: { typing: z.object({ isTyping: z.boolean() }) },
  presence: z.object({ name: z.string().min(1), mood: z.string().optional() }),
  calls: { greet: { input: z.object({ name: z.string() }), output: z.object({ text: z.string() }) } },
})

/** A channel without a state. */
export const news = channel('news/:topic', { events: { said: z.object({ text: z.string() }) } })

/** A channel whose events touch queries. */
export const jobs = channel('jobs/:user', {
  events: {
    recommended: z.object({ id: z.string() }),
    withdrawn: z.object({ id: z.string() }),
    viewed: z.object({ id: z.string() }),
  },
  queries: {
    all: ({ user }) => [['jobs', user], ['dashboard']],
    on: { recommended: (_, { user }) => [['jobs', user]], withdrawn: ({ id }) => [['job', id], ['jobs']] },
  },
})

export const contract = defineContract({ hello, news, jobs })

export const lobby = () => hello({ room: 'lobby' })
