// What can happen in a job search, for one person: jobs that fit, applications on their way, and what there is to be
// told. The names of events and fields are those of the product's own backend.

import { channel, defineContract } from '@tidings/core'
import * as v from 'valibot'

const words = (most: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most))
const id = words(64)
const moment = v.pipe(v.string(), v.isoTimestamp())

const job = v.object({
  id,
  title: words(160),
  company: words(120),
  location: words(120),
  mode: v.picklist(['on site', 'hybrid', 'remote']),
  salary: v.optional(words(60)),
  posted_at: moment,
  summary: v.optional(words(2_000)),
  skills: v.optional(v.pipe(v.array(words(40)), v.maxLength(12))),
})

const statuses = [
  'submitted',
  'under_review',
  'interview',
  'offer',
  'accepted',
  'rejected',
  'declined',
] as const
const status = v.picklist(statuses)

const application = v.object({
  id,
  job_id: v.optional(id),
  job_title: words(160),
  company: words(120),
  location: v.optional(words(120)),
  status,
  applied_at: moment,
  /** Where the product knows better than the log when it last changed. */
  updated_at: v.optional(moment),
  /** What comes next, in a sentence. */
  note: v.optional(words(300)),
})

export const categories = ['system', 'job_alert', 'application', 'recommendation', 'social'] as const

const statusChange = v.object({
  application_id: id,
  old_status: status,
  new_status: status,
  application: v.optional(application),
  job_title: v.optional(words(160)),
  company: v.optional(words(120)),
})

const notification = v.object({
  id,
  category: v.picklist(categories),
  title: words(160),
  description: v.optional(words(500)),
  timestamp: moment,
  /** A path of this app: what comes from outside leads nowhere else. */
  actionUrl: v.optional(v.pipe(v.string(), v.regex(/^\/career-copilot(\/|$)/), v.maxLength(300))),
  actionLabel: v.optional(words(40)),
  metadata: v.optional(v.record(v.string(), v.unknown())),
})

const recommendation = v.object({
  job,
  /** In percent. */
  match_score: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
  reason: v.optional(words(300)),
})

export type Job = v.InferOutput<typeof job>
export type JobMatch = v.InferOutput<typeof recommendation> & { readonly recommended_at: number }
export type Status = v.InferOutput<typeof status>
export type NewApplication = v.InferOutput<typeof application>
export type Application = Omit<NewApplication, 'updated_at'> & { readonly updated_at: number }
export type StatusChange = v.InferOutput<typeof statusChange>
export type AppNotification = v.InferOutput<typeof notification> & { readonly is_read: boolean }
export type NotificationCategory = (typeof categories)[number]

const MOST_JOBS = 300
const MOST_NOTIFICATIONS = 300

export const jobs = channel('career/:user/jobs', {
  events: {
    'job:recommendation': recommendation,
    /** The person has looked at the list. */
    'jobs:seen': v.object({}),
  },
  state: {
    version: 1,
    initial: { items: [] as readonly JobMatch[], unseen: 0 },
    on: {
      'job:recommendation': ({ items, unseen }, match, { at }) => ({
        items: [
          { ...match, recommended_at: at },
          ...items.filter((each) => each.job.id !== match.job.id),
        ].slice(0, MOST_JOBS),
        unseen: unseen + 1,
      }),
      'jobs:seen': ({ items }) => ({ items, unseen: 0 }),
    },
  },
  queries: {
    all: ({ user }) => [
      ['jobs', user],
      ['recommendations', user],
      ['dashboard', user],
      ['analytics', user],
    ],
    on: {
      'job:recommendation': (_, { user }) => [
        ['jobs', user],
        ['recommendations', user],
        ['dashboard', user],
        ['analytics', user],
      ],
    },
  },
})

export const applications = channel('career/:user/applications', {
  events: {
    'application:submitted': application,
    'application:status_change': statusChange,
  },
  state: {
    version: 2,
    initial: [] as readonly Application[],
    on: {
      // Applying twice, on two devices or after a long time offline, is applying once: what has become of it stays.
      'application:submitted': (all, submitted, { at }) =>
        all.some(({ id }) => id === submitted.id) ? all : [stamped(submitted, at), ...all],
      'application:status_change': (all, change, { at }) => withStatus(all, change, at),
    },
  },
  queries: {
    all: ({ user }) => [
      ['applications', user],
      ['dashboard', user],
      ['analytics', user],
    ],
  },
})

/** The same in the log's state and in a page's cache; an application that is not known yet comes with its change. */
export function withStatus(
  all: readonly Application[],
  { application_id, new_status, application }: StatusChange,
  at: number,
): readonly Application[] {
  const known = all.find((each) => each.id === application_id)
  if (!known) return application ? [stamped({ ...application, status: new_status }, at), ...all] : all
  // What comes next belonged to the status before.
  const { note: _note, updated_at: _before, ...rest } = known
  const changed = { ...rest, ...application, id: application_id, status: new_status }
  return all.map((each) => (each === known ? stamped(changed, at) : each))
}

function stamped(application: NewApplication | Omit<Application, 'updated_at'>, at: number): Application {
  const known = 'updated_at' in application ? application.updated_at : undefined
  return { ...application, updated_at: known === undefined ? at : Date.parse(known) }
}

export const notifications = channel('career/:user/notifications', {
  events: {
    'notification:new': notification,
    'notification:read': v.object({ id, is_read: v.boolean() }),
    'notifications:read_all': v.object({}),
  },
  state: {
    version: 1,
    initial: [] as readonly AppNotification[],
    on: {
      'notification:new': (all, added) =>
        [{ ...added, is_read: false }, ...all.filter((each) => each.id !== added.id)].slice(
          0,
          MOST_NOTIFICATIONS,
        ),
      'notification:read': (all, { id, is_read }) =>
        all.map((each) => (each.id === id ? { ...each, is_read } : each)),
      'notifications:read_all': (all) => all.map((each) => ({ ...each, is_read: true })),
    },
  },
  queries: { all: ({ user }) => [['notifications', user]] },
})

export const contract = defineContract({
  careerJobs: jobs,
  careerApplications: applications,
  careerNotifications: notifications,
})
