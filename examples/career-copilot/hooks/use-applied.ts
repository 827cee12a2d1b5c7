// Which jobs one has applied to, for the list of jobs: how far each application is, or that it waits to be sent.

import { useQuery } from '@tanstack/react-query'
import { useOutbox } from '@tidings/react'
import { useMemo } from 'react'
import type { NewApplication, Status } from '../contract.ts'
import { applicationsQuery } from '../queries.ts'
import { useUser } from './session.ts'

/** By the job's id. */
export function useApplied(): ReadonlyMap<string, Status | 'waiting'> {
  const known = useQuery(applicationsQuery(useUser())).data
  const { pending } = useOutbox()
  return useMemo(() => {
    const applied = new Map<string, Status | 'waiting'>()
    for (const { event, data } of pending) {
      if (event !== 'application:submitted') continue
      // The contract has checked it when it was written.
      const { job_id } = data as NewApplication
      if (job_id !== undefined) applied.set(job_id, 'waiting')
    }
    for (const { job_id, status } of known ?? []) if (job_id !== undefined) applied.set(job_id, status)
    return applied
  }, [known, pending])
}
