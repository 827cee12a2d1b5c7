// What becomes of applications: a toast in the colour of the news, the cache told at once, the statistics fetched anew.

import { useQueryClient } from '@tanstack/react-query'
import { useEvent } from '@tidings/react'
import { useQuerySync } from '@tidings/react/query'
import { applications, withStatus } from '../contract.ts'
import { applicationsQuery } from '../queries.ts'
import { applicationPath, navigate } from '../route.ts'
import { statusNames, variantOf } from '../status.ts'
import { tellOnce } from './once.ts'

export function useRealtimeApplications(user: string): void {
  const channel = applications({ user })
  const queryClient = useQueryClient()
  useQuerySync(channel)
  useEvent(channel, 'application:status_change', (change, event) => {
    const { queryKey } = applicationsQuery(user)
    queryClient.setQueryData(queryKey, (all) => all && withStatus(all, change, event.at))
    const known = queryClient.getQueryData(queryKey)?.find(({ id }) => id === change.application_id)
    const { application = known, company = application?.company, job_title = application?.job_title } = change
    const status = statusNames[change.new_status]
    tellOnce(event, 'application', {
      title: company === undefined ? status : `${status}: ${company}`,
      description: job_title ?? 'One of your applications has moved.',
      variant: variantOf(change.new_status),
      id: `application ${change.application_id} ${change.new_status}`,
      action: { label: 'View', onPress: () => navigate(applicationPath(change.application_id)) },
    })
  })
}
