// A job search that is under way, for whoever starts the example: published once, into channels that are empty.

import type { TidingsServer } from '@tidings/server/run'
import { applications, jobs, notifications } from '../contract.ts'
import { seedApplications, seedMatches, seedNotifications } from './seed-content.ts'

/** Whose search it is. */
export const DEMO_USER = 'demo'

export async function seed(tidings: TidingsServer, now = Date.now()): Promise<void> {
  const user = DEMO_USER
  const isNew = await Promise.all(
    [jobs({ user }), applications({ user }), notifications({ user })].map(
      async (channel) => (await tidings.position(channel)).offset === 0,
    ),
  )
  const [hasNoJobs, hasNoApplications, hasNoNotifications] = isNew
  if (hasNoJobs) {
    for (const match of seedMatches(now)) await tidings.publish(jobs({ user }), 'job:recommendation', match)
    // What was there before the first visit is no news.
    await tidings.publish(jobs({ user }), 'jobs:seen', {})
  }
  if (hasNoApplications) {
    for (const application of seedApplications(now))
      await tidings.publish(applications({ user }), 'application:submitted', application)
  }
  if (hasNoNotifications) {
    for (const { is_read, ...notification } of seedNotifications(now)) {
      await tidings.publish(notifications({ user }), 'notification:new', notification)
      if (is_read)
        await tidings.publish(notifications({ user }), 'notification:read', { id: notification.id, is_read })
    }
  }
}
