// The messages as the academy has always written them: every one of these is heard with the payload that it came with,
// and one that is not of its shape is reported and skipped.

import type { SocketHandlers } from '@tidings/core'
import { VirtualClock } from '@tidings/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Message, type MessageType, WebSocketClient } from '../index.ts'

const now = Date.UTC(2026, 10, 21)
const services = { api: true, database: true, cache: false, storage: true }

/** As given, with everything that may be left out. */
const whole = {
  study_metrics_update: {
    userId: 'ada',
    studyHours: 37.5,
    progress: 62.5,
    currentTopic: 'Photosynthesis',
    sessionDuration: 25,
    streak: 12,
  },
  collaborative_session_update: {
    sessionId: 'photosynthesis',
    topic: 'Photosynthesis',
    participants: [
      { userId: 'bo', userName: 'Bo Ek', avatarUrl: 'https://academy.test/bo.png', joinedAt: now },
      { userId: 'cy', userName: 'سارة', joinedAt: now },
    ],
    activeUsers: 2,
  },
  notification: {
    id: 'n-1',
    title: 'Quiz passed',
    message: '18 of 20.',
    type: 'success',
    priority: 'medium',
    actionUrl: '/biology-academy/metrics',
    actionText: 'See your progress',
  },
  system_status: { status: 'degraded', services, uptime: 99.98, lastCheck: now },
  study_session_start: { userId: 'ada', topic: 'Photosynthesis', timestamp: now },
} as const satisfies Record<MessageType, object>

const mayBeMissing: Partial<Record<MessageType, readonly string[]>> = {
  study_metrics_update: ['currentTopic'],
  notification: ['actionUrl', 'actionText'],
}

/** What came of a payload on a plain server's line: messages that were heard, and what was reported. */
async function heard(type: string, payload: unknown) {
  const clock = new VirtualClock()
  const messages: Message[] = []
  const errors: string[] = []
  let socket: SocketHandlers | undefined
  const client = new WebSocketClient({
    url: 'ws://academy.test',
    server: 'plain',
    userId: 'ada',
    onMessage: (message) => messages.push(message),
    onError: (error) => errors.push(error.message),
    ports: {
      clock,
      open: (_, handlers) => {
        socket = handlers
        clock.endOfTurn(() => handlers.opened())
        return { bufferedBytes: 0, send: () => undefined, close: () => handlers.closed(1000, '') }
      },
    },
  })
  onTestFinished(() => client.close())
  client.connect()
  await clock.settle()
  socket?.received(JSON.stringify({ type, payload, timestamp: now, messageId: 'm-1' }))
  await clock.settle()
  return { messages, errors }
}

const types = Object.keys(whole) as readonly MessageType[]

describe.each(types)('%s', (type) => {
  const payload: Readonly<Record<string, unknown>> = whole[type]

  it('is heard as it is written, at the time that it says', async () => {
    const { messages, errors } = await heard(type, payload)
    expect(errors).toEqual([])
    expect(messages).toEqual([{ type, payload, timestamp: now, messageId: expect.any(String) }])
  })

  it('is whole without what may be missing, and not without anything else', async () => {
    for (const key of Object.keys(payload)) {
      const { [key]: _, ...rest } = payload
      const { messages, errors } = await heard(type, rest)
      const isWhole = mayBeMissing[type]?.includes(key) ?? false
      expect([key, messages.length, errors.length]).toEqual([key, isWhole ? 1 : 0, isWhole ? 0 : 1])
    }
  })

  it('is none with a field of another kind', async () => {
    for (const key of Object.keys(payload)) {
      const { messages, errors } = await heard(type, { ...payload, [key]: { not: 'this' } })
      expect([key, messages.length, errors.length]).toEqual([key, 0, 1])
    }
  })
})

describe('the words that a field may have', () => {
  const isHeard = async (type: MessageType, changed: object) =>
    (await heard(type, { ...whole[type], ...changed })).messages.length === 1

  it('are those of the academy, and no others', async () => {
    for (const kind of ['info', 'success', 'warning', 'error'])
      expect(await isHeard('notification', { type: kind }), kind).toBe(true)
    for (const priority of ['low', 'medium', 'high'])
      expect(await isHeard('notification', { priority }), priority).toBe(true)
    for (const status of ['operational', 'degraded', 'maintenance', 'outage'])
      expect(await isHeard('system_status', { status }), status).toBe(true)
    expect(await isHeard('notification', { type: 'fatal' })).toBe(false)
    expect(await isHeard('notification', { priority: 'urgent' })).toBe(false)
    expect(await isHeard('system_status', { status: 'fine' })).toBe(false)
    expect(await isHeard('system_status', { services: { ...services, cache: 'yes' } })).toBe(false)
  })

  it('lead to a page, here or elsewhere, and never to what would run', async () => {
    for (const actionUrl of ['/biology-academy/metrics', 'https://academy.test/quiz/4', 'http://127.0.0.1/x'])
      expect(await isHeard('notification', { actionUrl }), actionUrl).toBe(true)
    for (const actionUrl of [
      'javascript:alert(1)',
      'data:text/html,x',
      '//evil.test',
      ' javascript:alert(1)',
    ])
      expect(await isHeard('notification', { actionUrl }), actionUrl).toBe(false)
  })

  it('are moments that a calendar has', async () => {
    expect(await isHeard('system_status', { lastCheck: 1e300 })).toBe(false)
    expect(await isHeard('study_session_start', { timestamp: 8.64e15 + 1 })).toBe(false)
    expect(await isHeard('system_status', { lastCheck: -1 })).toBe(false)
  })

  it('may be many: a session of two hundred, a message of a page', async () => {
    const participants = Array.from({ length: 200 }, (_, i) => ({
      userId: `u-${i}`,
      userName: 'X'.repeat(60),
      joinedAt: now,
    }))
    expect(await isHeard('collaborative_session_update', { participants, activeUsers: 200 })).toBe(true)
    expect(await isHeard('notification', { message: 'A remark. '.repeat(300) })).toBe(true)
  })
})
