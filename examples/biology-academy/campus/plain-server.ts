// A WebSocket server as the academy had it before: `{ type, payload, timestamp, messageId }`, and a ping as a message.

import { WebSocketServer } from 'ws'
import type { StudyMetrics } from '../contract.ts'
import { Campus } from './campus.ts'

const port = Number(process.env.PORT ?? 8003)
const everyMs = Number(process.env.EVERY_MS ?? 5_000)

const campus = new Campus()
new WebSocketServer({ port, host: '127.0.0.1' })
  .on('listening', () => console.log(`A plain server at ws://127.0.0.1:${port}`))
  .on('connection', (socket) => {
    let metrics: StudyMetrics | undefined
    const say = (type: string, payload: unknown) =>
      socket.send(JSON.stringify({ type, payload, timestamp: Date.now(), messageId: crypto.randomUUID() }))
    const tell = () => {
      say('study_metrics_update', (metrics = campus.metrics('me', metrics)))
      say('collaborative_session_update', campus.session(Date.now()))
      say('notification', campus.notification(Date.now()))
      say('system_status', campus.status(Date.now()))
    }
    const timer = setInterval(tell, everyMs)
    setTimeout(tell, 100)
    socket.on('close', () => clearInterval(timer)).on('error', () => socket.terminate())
    socket.on('message', (text) => {
      const { type, payload } = parsed(String(text))
      if (type === 'ping') say('pong', payload)
      if (type === 'study_session_start' && typeof payload?.topic === 'string') {
        const { topic } = payload
        const guest = { userId: String(payload.userId), userName: 'You', topic, joinedAt: Date.now() }
        say('collaborative_session_update', campus.sessionOn(topic, Date.now(), [guest]))
      }
    })
  })

/** What is no message has no type. */
function parsed(text: string): { readonly type?: unknown; readonly payload?: Record<string, unknown> } {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
