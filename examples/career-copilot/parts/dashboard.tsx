// The morning's view: how the search stands, what waits for an answer, what fits.

import { useQuery } from '@tanstack/react-query'
import { EmptyState } from '@tidings/ui/empty-state'
import { Highlight } from '@tidings/ui/highlight'
import { RelativeTime } from '@tidings/ui/relative-time'
import { SkeletonRows } from '@tidings/ui/skeleton'
import type { ReactNode } from 'react'
import type { Application, Status } from '../contract.ts'
import { useUser } from '../hooks/session.ts'
import { analyticsQuery, applicationsQuery, dashboardQuery, recommendationsQuery } from '../queries.ts'
import { applicationPath, HOME, jobPath, linkTo } from '../route.ts'
import type { Week } from '../server/statistics.ts'
import { grouped, statusNames, variantOf } from '../status.ts'
import { StatusBadge } from './badge.tsx'
import { Match, Monogram, placeOf } from './company.tsx'
import { Icon } from './icon.tsx'

const RECENT = 5

export function Dashboard() {
  const user = useUser()
  const applications = useQuery(applicationsQuery(user)).data
  const turns = applications && grouped(applications).yourTurn
  return (
    <>
      <header className="cc-title">
        <h1>{greeting(new Date())}</h1>
        <p className="cc-muted">{summaryOf(turns)}</p>
      </header>
      <Figures />
      <div className="cc-columns">
        <div className="cc-column">
          <Panel title="Your turn">
            <YourTurn turns={turns} />
          </Panel>
          <Panel title="Lately" more={{ path: `${HOME}/applications`, title: 'All applications' }}>
            <Lately applications={applications} />
          </Panel>
        </div>
        <div className="cc-column">
          <Panel title="Best matches" more={{ path: `${HOME}/jobs`, title: 'All jobs' }}>
            <BestMatches />
          </Panel>
          <Panel title="Applications sent">
            <Weeks />
          </Panel>
        </div>
      </div>
    </>
  )
}

export function Panel({
  title,
  more,
  children,
}: {
  readonly title: string
  readonly more?: { readonly path: string; readonly title: string }
  readonly children: ReactNode
}) {
  return (
    <section className="cc-panel">
      <header className="cc-panel-head">
        <h2>{title}</h2>
        {more && (
          <a className="cc-more" {...linkTo(more.path)}>
            {more.title}
          </a>
        )}
      </header>
      {children}
    </section>
  )
}

function greeting(now: Date): string {
  const hour = now.getHours()
  return hour < 5 || hour >= 18 ? 'Good evening' : hour < 12 ? 'Good morning' : 'Good afternoon'
}

function summaryOf(turns: readonly Application[] | undefined): string {
  if (!turns) return ' '
  if (turns.length === 0) return 'Nothing waits for you. New matches appear here as they are found.'
  const count = (status: Status) => turns.filter((each) => each.status === status).length
  const [offers, interviews] = [count('offer'), count('interview')]
  const parts = [
    offers > 0 && (offers === 1 ? '1 offer' : `${offers} offers`),
    interviews > 0 && (interviews === 1 ? '1 interview' : `${interviews} interviews`),
  ]
  return `You have ${parts.filter((part) => part !== false).join(' and ')}.`
}

function Figures() {
  const { data } = useQuery(dashboardQuery(useUser()))
  const rows = [
    { name: 'Active applications', value: data?.active },
    { name: 'Interviews', value: data?.interviews },
    { name: 'Offers', value: data?.offers },
    { name: 'Answered', value: data?.answered, unit: ' %' },
  ]
  return (
    <dl className="cc-figures">
      {rows.map(({ name, value, unit = '' }) => (
        <div key={name} className="cc-figure">
          <dt>{name}</dt>
          <dd>
            {/* The first number is no change. */}
            <Highlight key={String(data !== undefined)} value={value} className="cc-figure-value">
              {value === undefined ? '–' : `${value}${unit}`}
            </Highlight>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function YourTurn({ turns }: { readonly turns: readonly Application[] | undefined }) {
  if (!turns) return <SkeletonRows count={2} label="Loading what waits for you" />
  if (turns.length === 0)
    return (
      <EmptyState icon="check" title="Nothing to do">
        Offers and interviews appear here, with what comes next.
      </EmptyState>
    )
  return (
    <ul className="cc-rows">
      {turns.map(({ id, company, job_title, status, note }) => (
        <li key={id}>
          <a className="cc-row" {...linkTo(applicationPath(id))}>
            <Monogram company={company} />
            <span className="cc-row-words">
              <span className="cc-row-title">{job_title}</span>
              <span className="cc-row-about">{note ?? company}</span>
            </span>
            <StatusBadge variant={variantOf(status)}>{statusNames[status]}</StatusBadge>
          </a>
        </li>
      ))}
    </ul>
  )
}

function Lately({ applications }: { readonly applications: readonly Application[] | undefined }) {
  if (!applications) return <SkeletonRows count={RECENT} label="Loading applications" />
  if (applications.length === 0)
    return (
      <EmptyState icon="inbox" title="No applications yet">
        Open a job that fits and choose Apply. What becomes of it shows here.
      </EmptyState>
    )
  return (
    <ul className="cc-rows" aria-label="Applications, the latest change first">
      {[...applications]
        .sort((a, b) => b.updated_at - a.updated_at)
        .slice(0, RECENT)
        .map(({ id, company, job_title, status, updated_at }) => (
          <li key={id}>
            <Highlight value={status} className="cc-row-lit" data-application={id}>
              <a className="cc-row" {...linkTo(applicationPath(id))}>
                <span className="cc-row-words">
                  <span className="cc-row-title">{company}</span>
                  <span className="cc-row-about">{job_title}</span>
                </span>
                <StatusBadge variant={variantOf(status)} size="sm">
                  {statusNames[status]}
                </StatusBadge>
                <span className="cc-row-time">
                  <RelativeTime at={updated_at} />
                </span>
              </a>
            </Highlight>
          </li>
        ))}
    </ul>
  )
}

function BestMatches() {
  const { data } = useQuery(recommendationsQuery(useUser()))
  if (!data) return <SkeletonRows count={3} label="Loading matches" />
  if (data.length === 0)
    return (
      <EmptyState icon="inbox" title="No matches yet">
        Jobs that fit you well appear here as soon as they are found.
      </EmptyState>
    )
  return (
    <ul className="cc-rows" aria-label="Best matches">
      {data.map(({ job, match_score }) => (
        <li key={job.id}>
          <a className="cc-row" {...linkTo(jobPath(job.id))}>
            <Monogram company={job.company} />
            <span className="cc-row-words">
              <span className="cc-row-title">{job.title}</span>
              <span className="cc-row-about">
                {job.company}, {placeOf(job)}
              </span>
            </span>
            <Match percent={match_score} />
            <Icon name="next" />
          </a>
        </li>
      ))}
    </ul>
  )
}

function Weeks() {
  const { data } = useQuery(analyticsQuery(useUser()))
  if (!data) return <div className="cc-weeks" />
  const most = Math.max(1, ...data.map(({ sent }) => sent))
  const total = data.reduce((sum, { sent }) => sum + sent, 0)
  return (
    <figure className="cc-chart">
      <div className="cc-weeks" aria-hidden="true">
        {data.map(({ from, sent }) => (
          <Bar
            key={data.length - data.findIndex((each) => each.from === from)}
            sent={sent}
            most={most}
            from={from}
          />
        ))}
      </div>
      <figcaption className="cc-muted">
        {total === 0
          ? 'None in the last eight weeks'
          : `${total} in the last eight weeks, ${data.at(-1)?.sent ?? 0} of them in the last seven days`}
      </figcaption>
    </figure>
  )
}

function Bar({ sent, from, most }: Week & { readonly most: number }) {
  const date = new Date(from).toLocaleDateString(undefined, { day: 'numeric', month: 'short' })
  return (
    <span className="cc-week">
      <span className="cc-week-count">{sent > 0 ? sent : ''}</span>
      <span
        className="cc-week-bar"
        data-empty={sent === 0 || undefined}
        style={{ height: `${(72 * sent) / most}px` }}
      />
      <span className="cc-week-date">{date}</span>
    </span>
  )
}
