// Life at the academy while somebody watches: published as any backend would, over HTTP. Nobody there: nothing happens.

import type { ChannelRef } from '@tidings/core'
import {
  type Participant,
  type StudyMetrics,
  studyMetrics,
  studyNotifications,
  studySessions,
  systemStatus,
} from '../contract.ts'
import { Campus } from './campus.ts'
import { topics } from './topics.ts'

export interface LearnersOptions {
  /** Of the server. */
  readonly url: string
  readonly apiKey: string
  /** Between two rounds, in milliseconds. Default 5,000. */
  readonly everyMs?: number | undefined
  /** Until somebody who comes is noticed, in milliseconds. Default 500. */
  readonly noticeMs?: number | undefined
}

interface Event {
  readonly type: string
  readonly data: unknown
}

interface Visitor extends Participant {
  readonly topic?: string | undefined
}

/** What somebody finds who comes for the first time. */
const EARLIER = { metrics: 24, notifications: 5, checks: 16 }
const EARLIER_NOTIFICATION_MS = 47 * 60_000
const ROUNDS_PER_NOTIFICATION = 6
const MOST_VISITORS = 100

/** Goes on until the returned function is called; keeps no process alive. */
export function simulateLearners(options: LearnersOptions): () => void {
  const life = new CampusLife(options)
  const timers = [
    setInterval(() => void life.round(), options.everyMs ?? 5_000),
    // Who comes finds an academy under way, instead of waiting for its next round.
    setInterval(() => void life.lookOut(), options.noticeMs ?? 500),
  ]
  for (const timer of timers) timer.unref()
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}

class CampusLife {
  readonly #options: LearnersOptions
  readonly #campus = new Campus()
  readonly #metrics = new Map<string, StudyMetrics>()
  /** Who was here at the last look. */
  #seen: ReadonlySet<string> = new Set()
  #rounds = 0
  #isBusy = false

  constructor(options: LearnersOptions) {
    this.#options = options
  }

  /** Something happens to everybody who is here. */
  round(): Promise<void> {
    return this.#look(() => true)
  }

  /** Something happens to those who have just come. */
  lookOut(): Promise<void> {
    return this.#look(({ userId }) => !this.#seen.has(userId))
  }

  /** A server that is on its way out, or too busy, is left alone until the next look. */
  async #look(concerns: (visitor: Visitor) => boolean): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      const visitors = await this.#visitors()
      const concerned = visitors.filter(concerns)
      if (concerned.length > 0) await this.#happen(visitors, concerned)
      this.#seen = new Set(visitors.map(({ userId }) => userId))
    } catch {
      // Nothing was promised to anybody.
    } finally {
      this.#isBusy = false
    }
  }

  async #happen(visitors: readonly Visitor[], concerned: readonly Visitor[]): Promise<void> {
    const campus = this.#campus
    const now = Date.now()
    if (this.#rounds++ === 0) {
      const sessions = topics.map(() => campus.session(now, visitors))
      await this.#publish(
        studySessions(),
        sessions.map((data) => ({ type: 'collaborative_session_update', data })),
      )
      const checks = Array.from({ length: EARLIER.checks }, (_, i) =>
        campus.status(now - (EARLIER.checks - i) * 60_000),
      )
      await this.#publish(
        systemStatus(),
        checks.map((data) => ({ type: 'system_status', data })),
      )
    }
    const studied = new Set(visitors.flatMap(({ topic }) => topic ?? []))
    const sessions = [
      campus.session(now, visitors),
      ...[...studied].map((topic) => campus.sessionOn(topic, now, visitors)),
    ]
    await this.#publish(
      studySessions(),
      sessions.map((data) => ({ type: 'collaborative_session_update', data })),
    )
    await this.#publish(systemStatus(), [{ type: 'system_status', data: campus.status(now) }])
    for (const { userId } of concerned) await this.#visit(userId, now)
  }

  async #visit(userId: string, now: number): Promise<void> {
    const metrics = studyMetrics({ user: userId })
    const known = this.#metrics.get(userId) ?? (await this.#lastMetrics(userId))
    if (!known) await this.#welcome(userId, now)
    const next = this.#campus.metrics(userId, this.#metrics.get(userId) ?? known)
    this.#metrics.set(userId, next)
    await this.#publish(metrics, [{ type: 'study_metrics_update', data: next }])
    if (this.#rounds % ROUNDS_PER_NOTIFICATION === 0)
      await this.#publish(studyNotifications({ user: userId }), [
        { type: 'notification', data: this.#campus.notification(now) },
      ])
  }

  async #welcome(userId: string, now: number): Promise<void> {
    const events: Event[] = []
    let data: StudyMetrics | undefined
    for (let i = 0; i < EARLIER.metrics; i++) {
      data = {
        ...this.#campus.metrics(userId, data),
        happenedAt: now - (EARLIER.metrics - i) * 60_000,
      }
      events.push({ type: 'study_metrics_update', data })
    }
    if (data) this.#metrics.set(userId, data)
    await this.#publish(studyMetrics({ user: userId }), events)
    // What waits for somebody who comes does not come all at once at the edge of the page.
    const notes = Array.from({ length: EARLIER.notifications }, (_, i) => ({
      ...this.#campus.notification(now),
      priority: 'low',
      happenedAt: now - (EARLIER.notifications - i) * EARLIER_NOTIFICATION_MS,
    }))
    await this.#publish(
      studyNotifications({ user: userId }),
      notes.map((note) => ({ type: 'notification', data: note })),
    )
  }

  async #visitors(): Promise<readonly Visitor[]> {
    const { members } = (await this.#ask(`${addressOf(studySessions())}/presence`)) as {
      readonly members: readonly { readonly state: Visitor }[]
    }
    const byId = new Map(members.slice(0, MOST_VISITORS).map(({ state }) => [state.userId, state]))
    return [...byId.values()]
  }

  async #lastMetrics(userId: string): Promise<StudyMetrics | undefined> {
    const address = `${addressOf(studyMetrics({ user: userId }))}/events?limit=1000`
    const { entries } = (await this.#ask(address)) as {
      readonly entries: readonly { readonly data: StudyMetrics }[]
    }
    return entries.at(-1)?.data
  }

  async #publish(channel: ChannelRef, events: readonly Event[]): Promise<void> {
    await this.#ask(`${addressOf(channel)}/events`, { method: 'POST', body: JSON.stringify(events) })
  }

  async #ask(path: string, init: RequestInit = {}): Promise<unknown> {
    const { url, apiKey } = this.#options
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
    const response = await fetch(`${url}${path}`, { ...init, headers, signal: AbortSignal.timeout(10_000) })
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
    return response.json()
  }
}

const addressOf = ({ name }: ChannelRef) => `/v1/channels/${encodeURIComponent(name)}`
