// Jobs that fit, the newest first, and beside them the one that is read. On a phone one after the other.

import { useQuery } from '@tanstack/react-query'
import { EmptyState } from '@tidings/ui/empty-state'
import { Highlight } from '@tidings/ui/highlight'
import { MovingList } from '@tidings/ui/moving-list'
import { RelativeTime } from '@tidings/ui/relative-time'
import { SkeletonRows } from '@tidings/ui/skeleton'
import { useEffect, useRef, useState } from 'react'
import type { JobMatch, Status } from '../contract.ts'
import { useUser } from '../hooks/session.ts'
import { useApplied } from '../hooks/use-applied.ts'
import { jobsQuery } from '../queries.ts'
import { useRealtime } from '../realtime-provider.tsx'
import { HOME, jobPath, linkTo } from '../route.ts'
import { statusNames, variantOf } from '../status.ts'
import { StatusBadge } from './badge.tsx'
import { Button } from './button.tsx'
import { Match, Monogram, placeOf } from './company.tsx'
import { Icon } from './icon.tsx'
import { JobDetail } from './job-detail.tsx'

export function Jobs({ selected }: { readonly selected: string | undefined }) {
  const { data, error, refetch } = useQuery(jobsQuery(useUser()))
  useSeen()
  const applied = useApplied()
  const [openedAt] = useState(() => Date.now())
  const chosen = data?.find(({ job }) => job.id === selected)
  return (
    <>
      <header className="cc-title" data-behind={selected !== undefined || undefined}>
        <h1>Jobs</h1>
        <p className="cc-muted">
          {data && data.length > 0
            ? `${data.length} that fit, the newest first`
            : 'What fits you, the newest first'}
        </p>
      </header>
      {error && !data ? (
        <EmptyState
          icon="error"
          title="The jobs could not be loaded"
          action={<Button onClick={() => void refetch()}>Try again</Button>}
        >
          {error.message}
        </EmptyState>
      ) : !data ? (
        <SkeletonRows count={6} label="Loading jobs" />
      ) : data.length === 0 ? (
        <div className="cc-panel">
          <EmptyState icon="inbox" title="No jobs yet">
            The first one that fits you appears here by itself. There is nothing to reload.
          </EmptyState>
        </div>
      ) : (
        <div className="cc-jobs" data-selected={selected !== undefined || undefined}>
          <MovingList items={data} idOf={({ job }) => job.id} label="Jobs" className="cc-job-list">
            {(match) => (
              <JobRow
                match={match}
                applied={applied.get(match.job.id)}
                isSelected={match === chosen}
                isNew={match.recommended_at > openedAt}
              />
            )}
          </MovingList>
          <div className="cc-job-pane">
            {selected !== undefined && (
              <a className="cc-back" {...linkTo(`${HOME}/jobs`)}>
                <Icon name="back" />
                All jobs
              </a>
            )}
            <Chosen match={chosen ?? (selected === undefined ? data[0] : undefined)} />
          </div>
        </div>
      )}
    </>
  )
}

function Chosen({ match }: { readonly match: JobMatch | undefined }) {
  if (match) return <JobDetail key={match.job.id} match={match} />
  return (
    <EmptyState icon="info" title="This job is no longer listed">
      Choose another one from the list.
    </EmptyState>
  )
}

/** Whoever looks at the list has seen what is new, in all tabs. */
function useSeen(): void {
  const { newJobs, newestJob, clearNewJobs } = useRealtime()
  // Said once for each match: a server that confirms nothing may take its time, or never pass it on.
  const seen = useRef<string>(undefined)
  useEffect(() => {
    const look = () => {
      if (newJobs === 0 || newestJob === seen.current || document.visibilityState !== 'visible') return
      seen.current = newestJob
      clearNewJobs()
    }
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [newJobs, newestJob, clearNewJobs])
}

interface JobRowProps {
  readonly match: JobMatch
  /** How far one's application is; undefined without one. */
  readonly applied: Status | 'waiting' | undefined
  readonly isSelected: boolean
  readonly isNew: boolean
}

function JobRow({ match, applied, isSelected, isNew }: JobRowProps) {
  const { job, match_score, recommended_at } = match
  return (
    <Highlight value={recommended_at} isNew={isNew} className="cc-job">
      <a className="cc-job-link" aria-current={isSelected || undefined} {...linkTo(jobPath(job.id))}>
        <Monogram company={job.company} />
        <span className="cc-row-words">
          <span className="cc-row-title">{job.title}</span>
          <span className="cc-row-about">{job.company}</span>
          <span className="cc-row-about">{placeOf(job)}</span>
          {applied !== undefined && (
            <span className="cc-job-applied">
              {applied === 'waiting' ? (
                <span className="cc-waiting">
                  <Icon name="clock" />
                  Waiting to be sent
                </span>
              ) : (
                <StatusBadge variant={variantOf(applied)} size="sm">
                  {statusNames[applied]}
                </StatusBadge>
              )}
            </span>
          )}
        </span>
        <span className="cc-job-end">
          <Match percent={match_score} />
          <RelativeTime at={Date.parse(job.posted_at)} />
        </span>
      </a>
    </Highlight>
  )
}
