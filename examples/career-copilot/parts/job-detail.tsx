// One job, why it fits, and the way to apply.

import { RelativeTime } from '@tidings/ui/relative-time'
import type { Job, JobMatch } from '../contract.ts'
import { useApply } from '../hooks/use-apply.ts'
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
  const { application, isWaiting, isSending, problem, apply } = useApply(job)
  return (
    <footer className="cc-apply">
      {application ? (
        <StatusBadge variant={variantOf(application.status)} size="lg">
          {statusNames[application.status]}
        </StatusBadge>
      ) : isWaiting ? (
        <p className="cc-waiting" role="status">
          <Icon name="clock" />
          Waiting to be sent
        </p>
      ) : (
        <Button kind="main" onClick={apply} disabled={isSending}>
          {isSending ? 'Applying…' : 'Apply'}
        </Button>
      )}
      {problem !== undefined && !application && (
        <p className="cc-problem" role="alert">
          Not sent: {problem}
        </p>
      )}
    </footer>
  )
}
