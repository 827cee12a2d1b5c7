// Applying for a job: an event, which without a network waits and goes out by itself; an HTTP request where realtime is
// switched off, and then there is nothing that waits.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useOutbox, usePublish } from '@tidings/react'
import { type Application, applications, type Job, type NewApplication } from '../contract.ts'
import { applicationsQuery, RESYNCED, sendApplication } from '../queries.ts'
import { useRealtime } from '../realtime-provider.tsx'
import { useUser } from './session.ts'

export interface ApplyState {
  /** What the server knows of it. */
  readonly application: Application | undefined
  /** Written, and not sent yet. */
  readonly isWaiting: boolean
  readonly isSending: boolean
  readonly problem: string | undefined
  readonly apply: () => void
}

export function useApply(job: Job): ApplyState {
  const user = useUser()
  const { isEnabled } = useRealtime()
  const { publish, writes } = usePublish(applications({ user }), 'application:submitted')
  const { pending } = useOutbox()
  const request = useRequest(user)
  const application = useQuery(applicationsQuery(user)).data?.find(({ job_id }) => job_id === job.id)
  const isWaiting = pending.some(
    ({ event, data }) => event === 'application:submitted' && (data as { job_id?: string }).job_id === job.id,
  )
  const refused = writes.find(({ status }) => status.name === 'refused')?.status
  const refusal =
    refused?.name === 'refused' && refused.error.code !== 'unconfirmed' ? refused.error.message : undefined
  const apply = () => (isEnabled ? publish : request.mutate)(applicationFor(job))
  return {
    application,
    isWaiting,
    isSending: request.isPending,
    problem: refusal ?? request.error?.message,
    apply,
  }
}

function useRequest(user: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (application: NewApplication) => sendApplication(user, application),
    // The key makes a second attempt harmless; without a network the person is told so at once.
    retry: (failures, { cause }) => cause !== undefined && navigator.onLine && failures < 3,
    networkMode: 'always',
    onSuccess: () =>
      Promise.all(RESYNCED.map((resource) => queryClient.invalidateQueries({ queryKey: [resource, user] }))),
  })
}

function applicationFor({ id, title, company, location }: Job): NewApplication {
  return {
    // Applying twice is applying once.
    id: `app-${id}`.slice(0, 64),
    job_id: id,
    job_title: title,
    company,
    location,
    status: 'submitted',
    applied_at: new Date().toISOString(),
  }
}
