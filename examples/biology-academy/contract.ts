// What happens at Biology Academy, by the names that its messages have had from the beginning, and what it adds up to.

import { channel, defineContract } from '@tidings/core'
import * as v from 'valibot'

const words = (most: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most))
const id = words(80)
const atLeastZero = v.pipe(v.number(), v.minValue(0))
const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
/** Milliseconds since 1970, as far as dates reach. */
const moment = v.pipe(whole, v.maxValue(8.64e15))
/** When it happened, where that is earlier than when it is told. */
const happenedAt = v.optional(moment)

const study_metrics_update = v.object({
  userId: id,
  /** In all. */
  studyHours: atLeastZero,
  /** Of the course, in per cent. */
  progress: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  currentTopic: v.optional(words(120)),
  /** Of the session under way, in minutes. */
  sessionDuration: atLeastZero,
  /** Days in a row. */
  streak: whole,
  happenedAt,
})

const participant = v.object({
  userId: id,
  userName: words(80),
  avatarUrl: v.optional(words(500)),
  joinedAt: moment,
})

const collaborative_session_update = v.object({
  sessionId: id,
  topic: words(120),
  participants: v.pipe(v.array(participant), v.maxLength(1_000)),
  activeUsers: whole,
})

const study_session_start = v.object({ userId: id, topic: words(120), timestamp: moment })

const notification = v.object({
  id,
  title: words(300),
  message: words(4_000),
  type: v.picklist(['info', 'success', 'warning', 'error']),
  priority: v.picklist(['low', 'medium', 'high']),
  /** A page of this site, or one elsewhere; nothing that would run here. */
  actionUrl: v.optional(v.pipe(words(2_000), v.regex(/^(\/(?!\/)|https?:\/\/)/i))),
  actionText: v.optional(words(60)),
  happenedAt,
})

const system_status = v.object({
  status: v.picklist(['operational', 'degraded', 'maintenance', 'outage']),
  services: v.object({
    api: v.boolean(),
    database: v.boolean(),
    cache: v.boolean(),
    storage: v.boolean(),
  }),
  /** In per cent of the last 30 days. */
  uptime: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  lastCheck: moment,
})

export type StudyMetrics = v.InferOutput<typeof study_metrics_update>
export type Participant = v.InferOutput<typeof participant>
export type CollaborativeSession = v.InferOutput<typeof collaborative_session_update>
export type StudySessionStart = v.InferOutput<typeof study_session_start>
export type NotificationMessage = v.InferOutput<typeof notification>
export type SystemStatus = v.InferOutput<typeof system_status>

/** With the moment at which it happened, or else was said, in milliseconds since 1970. */
export type Dated<T> = T & { readonly at: number }

const TRAIL = 60
const NOTIFICATIONS = 200
const SESSIONS = 50

/** The newest at the end. */
const follow = <T>(trail: readonly T[], next: T): readonly T[] => [...trail, next].slice(-TRAIL)

export const studyMetrics = channel('biology/metrics/:user', {
  events: { study_metrics_update },
  state: {
    version: 1,
    initial: [] as readonly Dated<StudyMetrics>[],
    on: {
      study_metrics_update: (trail, data, { at }) => follow(trail, { ...data, at: data.happenedAt ?? at }),
    },
  },
})

export interface StudySessions {
  /** The one that was heard of last comes first. */
  readonly sessions: readonly Dated<CollaborativeSession>[]
  readonly starts: readonly (StudySessionStart & { readonly id: string; readonly isPending: boolean })[]
}

export const studySessions = channel('biology/sessions', {
  events: { collaborative_session_update, study_session_start },
  /** Everybody who has the page open; `topic` is what they study together, if anything. */
  presence: v.object({ userId: id, userName: words(80), topic: v.optional(words(120)), joinedAt: moment }),
  state: {
    version: 1,
    initial: { sessions: [], starts: [] } as StudySessions,
    on: {
      collaborative_session_update: ({ sessions, starts }, data, { at }) => ({
        starts,
        sessions: [
          { ...data, at },
          ...sessions.filter(({ sessionId }) => sessionId !== data.sessionId),
        ].slice(0, SESSIONS),
      }),
      study_session_start: ({ sessions, starts }, data, { id, isPending }) => ({
        sessions,
        starts: follow(starts, { ...data, id, isPending }),
      }),
    },
  },
})

export const studyNotifications = channel('biology/notifications/:user', {
  events: { notification },
  state: {
    version: 1,
    initial: [] as readonly Dated<NotificationMessage>[],
    on: {
      // Said again is the same one, with the newer words.
      notification: (items, data, { at }) =>
        [{ ...data, at: data.happenedAt ?? at }, ...items.filter(({ id }) => id !== data.id)].slice(
          0,
          NOTIFICATIONS,
        ),
    },
  },
})

export const systemStatus = channel('biology/status', {
  events: { system_status },
  state: {
    version: 1,
    initial: [] as readonly Dated<SystemStatus>[],
    on: { system_status: (trail, data, { at }) => follow(trail, { ...data, at }) },
  },
})

export const contract = defineContract({ studyMetrics, studySessions, studyNotifications, systemStatus })
