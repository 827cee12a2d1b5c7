// One job, why it fits, and the way to apply: also without a network, then it waits and goes out by itself.

import { useQuery } from '@tanstack/react-query'
import { useOutbox, usePublish } from '@tidings/react'
import { RelativeTime } from '@tidings/ui/relative-time'
import { applications, type Job, type JobMatch } from '../contract.ts'
import { useUser } from '../hooks/session.ts'
import { applicationsQuery } from '../queries.ts'
import { useRealtime } from '../realtime-provider.tsx'
import { statusNames, variantOf } from '../status.ts'
import { Badge, StatusBadge } from './badge.tsx'
import { Button } from './button.tsx'
import { Match, Monogram, placeOf } from './company.tsx'
import { Icon } from './icon.tsx'

export function JobDetail({ match: { job, match_score, reason } }: { readonly match: JobMatch }) {
  return (
    <article className="cc-panel cc-detail" aria-labelledby="job-title">
      <header className="cc-detail-head">
        <Monogram company={job.company} isLarge />
        <div className="cc-detail-words">
          <h2 id="job-title">{job.title}</h2>
          <p className="cc-muted">{job.company}</p>
        </div>
        <Match percent={match_score} />
      </header>
      <dl className="cc-facts">
        <div>
          <dt>Place</dt>
          <dd>{placeOf(job)}</dd>
        </div>
        {job.salary && (
          <div>
            <dt>Pay</dt>
            <dd>{job.salary}</dd>
          </div>
        )}
        <div>
          <dt>Posted</dt>
          <dd>
            <RelativeTime at={Date.parse(job.posted_at)} />
          </dd>
        </div>
      </dl>
      {reason && (
        <p className="cc-reason">
          <Icon name="check" />
          {reason}
        </p>
      )}
      {job.summary && <p className="cc-summary">{job.summary}</p>}
      {job.skills && (
        <ul className="cc-skills" aria-label="Skills">
          {job.skills.map((skill) => (
            <li key={skill}>
              <Badge>{skill}</Badge>
            </li>
          ))}
        </ul>
      )}
      <Apply job={job} />
    </article>
  )
}

function Apply({ job }: { readonly job: Job }) {
  const user = useUser()
  const { isEnabled } = useRealtime()
  const { publish, writes } = usePublish(applications({ user }), 'application:submitted')
  const { pending } = useOutbox()
  const known = useQuery(applicationsQuery(user)).data?.find(({ job_id }) => job_id === job.id)
  const isWaiting = pending.some(
    ({ event, data }) => event === 'application:submitted' && (data as { job_id?: string }).job_id === job.id,
  )
  const refused = writes.find(({ status }) => status.name === 'refused')
  const apply = () =>
    publish({
      // Applying twice is applying once.
      id: `app-${job.id}`.slice(0, 64),
      job_id: job.id,
      job_title: job.title,
      company: job.company,
      location: job.location,
      status: 'submitted',
      applied_at: new Date().toISOString(),
    })
  return (
    <footer className="cc-apply">
      {known ? (
        <StatusBadge variant={variantOf(known.status)} size="lg">
          {statusNames[known.status]}
        </StatusBadge>
      ) : isWaiting ? (
        <p className="cc-waiting" role="status">
          <Icon name="clock" />
          Waiting to be sent
        </p>
      ) : (
        <Button kind="main" onClick={apply} disabled={!isEnabled}>
          Apply
        </Button>
      )}
      {!isEnabled && !known && (
        <p className="cc-muted">Applying needs live updates, which are switched off.</p>
      )}
      {refused?.status.name === 'refused' && refused.status.error.code !== 'unconfirmed' && (
        <p className="cc-problem" role="alert">
          Not sent: {refused.status.error.message}
        </p>
      )}
    </footer>
  )
}
