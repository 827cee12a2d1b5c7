// A contract as an application has it, and a page that talks to a mock of it on virtual time.

import { type Client, type ClientOptions, createClient } from '@tidings/client'
import { channel, defineContract, type TidingsError } from '@tidings/core'
import { VirtualClock } from '@tidings/testing'
import { createMock, type Mock, type MockOptions } from '@tidings/testing/mock'
import { onTestFinished } from 'vitest'
import * as z from 'zod'

const notification = z.object({
  id: z.string().min(1),
  title: z.string().min(1).max(80),
  message: z.string(),
  type: z.enum(['info', 'success', 'warning', 'error']),
  actionUrl: z.string().optional(),
})

export const metrics = channel('metrics/:userId', {
  events: {
    study_metrics_update: z.object({
      userId: z.string(),
      studyHours: z.number().min(0).max(24),
      progress: z.number().int().min(0).max(100),
      currentTopic: z.string().optional(),
      streak: z.number().int().min(0),
    }),
  },
})

export const inbox = channel('inbox/:userId', {
  events: { notification, cleared: z.object({}) },
  state: {
    version: 1,
    initial: [] as readonly string[],
    on: { notification: (titles, { title }) => [...titles, title], cleared: () => [] },
  },
  calls: { unread: { input: z.object({}), output: z.object({ count: z.number().int().min(0) }) } },
})

export const sessions = channel('sessions/:topic', {
  events: {
    collaborative_session_update: z.object({
      sessionId: z.string(),
      participants: z.array(
        z.object({ userId: z.string(), userName: z.string(), joinedAt: z.iso.datetime() }),
      ),
    }),
  },
  presence: z.object({ name: z.string() }),
})

export const contract = defineContract({ metrics, inbox, sessions })

export const ada = { userId: 'ada' }

export interface Page {
  readonly clock: VirtualClock
  readonly mock: Mock
  readonly client: Client
  readonly errors: readonly TidingsError[]
  readonly problems: readonly unknown[]
  open(options?: ClientOptions): Client
}

/** A mock of the academy, and a client in front of it. */
export function page(options: Partial<MockOptions<typeof contract>> = {}): Page {
  const clock = new VirtualClock()
  const errors: TidingsError[] = []
  const problems: unknown[] = []
  const mock = createMock({ contract, clock, report: (problem) => problems.push(problem), ...options })
  const open = (own: ClientOptions = {}) => {
    const client = createClient({ ...mock.clientOptions, onError: (error) => errors.push(error), ...own })
    onTestFinished(() => client.close())
    return client
  }
  onTestFinished(() => mock.close())
  return { clock, mock, client: open(), errors, problems, open }
}
