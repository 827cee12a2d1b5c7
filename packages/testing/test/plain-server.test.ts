// The client against somebody else's server: a dozen lines of `ws`, over real sockets.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createClient } from '@tidings/client'
import { dialect, plainDial } from '@tidings/client/plain'
import { channel, defineContract } from '@tidings/core'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { z } from 'zod'

const metrics = channel('metrics', {
  events: {
    study_metrics_update: z.object({ studyHours: z.number() }),
    study_session_start: z.object({ topic: z.string() }),
  },
  state: { version: 1, initial: 0, on: { study_metrics_update: (_, { studyHours }) => studyHours } },
})
const contract = defineContract({ metrics })

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

test('a server of a dozen lines is understood, written to, lost and found again', async () => {
  const topics: unknown[] = []
  let server = serve(0, topics)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = createClient({
    url: `ws://127.0.0.1:${port}/ws`,
    backoff: { firstMs: 20 },
    dial: plainDial({
      contract,
      dialect: dialect({ data: 'payload', at: 'timestamp', id: 'messageId' }),
      heartbeat: { everyMs: 30_000, isAnswered: true },
    }),
  })
  cleanups.push(() => client.close())
  const channel = client.channel(metrics())
  const states = new Set<number | undefined>()
  const verdicts: (string | undefined)[] = []
  const settled = Promise.withResolvers<void>()
  channel.continuity.subscribe(() => verdicts.push(channel.continuity.get().verdict?.name))
  channel.state.subscribe(() => {
    const hours = channel.state.get()
    states.add(hours)
    if (hours === 1) {
      for (const socket of server.clients) socket.terminate()
      server.close(() => {
        server = serve(port, topics)
      })
    }
    if (hours === 2) settled.resolve()
  })
  const write = channel.publish('study_session_start', { topic: 'cells' })
  await settled.promise
  expect(topics).toEqual(['cells'])
  expect(write.status.get().name).toBe('unconfirmed')
  expect([...states]).toEqual(expect.arrayContaining([1, 2]))
  expect(verdicts).toContain('fresh')
  expect(verdicts.at(-1)).toBe('reset')
})

function serve(port: number, topics: unknown[]): WebSocketServer {
  const server = new WebSocketServer({ port, host: '127.0.0.1' })
  cleanups.push(() => server.close())
  server.on('connection', (socket) => {
    const say = (type: string, payload: unknown) =>
      socket.send(JSON.stringify({ type, payload, timestamp: Date.now() }))
    socket.on('message', (text) => {
      const { type, payload } = JSON.parse(String(text))
      if (type === 'ping') say('pong', payload)
      if (type !== 'study_session_start') return
      topics.push(payload.topic)
      say('study_metrics_update', { studyHours: 1 })
    })
    if (topics.length > 0) say('study_metrics_update', { studyHours: 2 })
  })
  return server
}
