// Jobs that fit, as they are found: a toast, the badge, and lists that are fetched anew.

import { useChannelState, useEvent, usePublish } from '@tidings/react'
import { useQuerySync } from '@tidings/react/query'
import { useCallback } from 'react'
import { jobs } from '../contract.ts'
import { HOME, navigate } from '../route.ts'
import { tellOnce } from './once.ts'

export interface RealtimeJobs {
  /** Found since the person last looked at the Jobs page, in whichever tab. */
  readonly newJobs: number
  /** Which one came last: another value is another match. */
  readonly newestJob: string | undefined
  readonly clearNewJobs: () => void
}

export function useRealtimeJobs(user: string): RealtimeJobs {
  const channel = jobs({ user })
  const { publish } = usePublish(channel, 'jobs:seen')
  useQuerySync(channel)
  useEvent(channel, 'job:recommendation', ({ job, match_score, reason }, event) => {
    const match = match_score === undefined ? '' : ` · ${Math.round(match_score)} % match`
    tellOnce(event, 'job_alert', {
      title: job.title,
      description: `${job.company}${match}${match === '' && reason ? ` · ${reason}` : ''}`,
      variant: 'primary',
      id: `job ${job.id}`,
      action: { label: 'View', onPress: () => navigate(`${HOME}/jobs/${encodeURIComponent(job.id)}`) },
    })
  })
  const state = useChannelState(channel)
  const newest = state?.items[0]
  return {
    newJobs: state?.unseen ?? 0,
    newestJob: newest && `${newest.job.id} ${newest.recommended_at}`,
    clearNewJobs: useCallback(() => void publish({}), [publish]),
  }
}
