// Every application with how far it is: what waits for the person first, what is over last.

import { useQuery } from '@tanstack/react-query'
import { useOutbox } from '@tidings/react'
import { EmptyState } from '@tidings/ui/empty-state'
import { Highlight } from '@tidings/ui/highlight'
import { MovingList } from '@tidings/ui/moving-list'
import { RelativeTime } from '@tidings/ui/relative-time'
import { SkeletonRows } from '@tidings/ui/skeleton'
import { type ReactNode, useEffect, useRef } from 'react'
import type { Application, NewApplication } from '../contract.ts'
import { useUser } from '../hooks/session.ts'
import { applicationsQuery, jobsQuery } from '../queries.ts'
import { HOME, jobPath, linkTo } from '../route.ts'
import { grouped, STEPS, statusNames, stepsDone, variantOf } from '../status.ts'
import { StatusBadge } from './badge.tsx'
import { Button } from './button.tsx'
import { Monogram } from './company.tsx'
import { Icon } from './icon.tsx'

export function Applications({ selected }: { readonly selected: string | undefined }) {
  const { data, error, refetch } = useQuery(applicationsQuery(useUser()))
  const unsent = useUnsent(data)
  const groups = data && grouped(data)
  return (
    <>
      <header className="cc-title">
        <h1>Applications</h1>
        <p className="cc-muted">{data ? countOf(data.length + unsent.length) : ' '}</p>
      </header>
      {unsent.length > 0 && (
        <section className="cc-group" aria-label="Waiting to be sent">
          <h2>Waiting to be sent</h2>
          <ul className="cc-panel cc-applications">
            {unsent.map(({ id, company, job_title }) => (
              <li key={id} className="cc-application">
                <Monogram company={company} />
                <span className="cc-row-words">
                  <span className="cc-row-title">{job_title}</span>
                  <span className="cc-row-about">{company}</span>
                </span>
                <span className="cc-waiting">
                  <Icon name="clock" />
                  Goes out when the server answers
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {error && !data ? (
        <EmptyState
          icon="error"
          title="The applications could not be loaded"
          action={<Button onClick={() => void refetch()}>Try again</Button>}
        >
          {error.message}
        </EmptyState>
      ) : !groups ? (
        <SkeletonRows count={6} label="Loading applications" />
      ) : data.length + unsent.length === 0 ? (
        <div className="cc-panel">
          <EmptyState
            icon="inbox"
            title="No applications yet"
            action={
              <a className="td-button" data-kind="main" {...linkTo(`${HOME}/jobs`)}>
                Look at jobs
              </a>
            }
          >
            Choose Apply on a job. Each step that follows shows here by itself.
          </EmptyState>
        </div>
      ) : (
        <>
          <Group title="Your turn" items={groups.yourTurn} selected={selected}>
            You answer the company itself. What you settle with it shows here.
          </Group>
          <Group title="Waiting for an answer" items={groups.waiting} selected={selected} />
          <Group title="Over" items={groups.over} selected={selected} />
        </>
      )}
    </>
  )
}

const countOf = (all: number) => (all === 0 ? 'None sent yet' : `${all} in all`)

/** What was sent without a network and is not in the list yet. */
function useUnsent(known: readonly Application[] | undefined): readonly NewApplication[] {
  const { pending } = useOutbox()
  return (
    pending
      .filter(({ event }) => event === 'application:submitted')
      // The contract has checked it when it was written.
      .map(({ data }) => data as NewApplication)
      .filter(({ id }) => !known?.some((each) => each.id === id))
  )
}

interface GroupProps {
  readonly title: string
  readonly items: readonly Application[]
  readonly selected: string | undefined
  /** What there is to do, in a sentence. */
  readonly children?: ReactNode
}

function Group({ title, items, selected, children }: GroupProps) {
  if (items.length === 0) return null
  return (
    <section className="cc-group">
      <h2>
        {title} <span className="cc-count">{items.length}</span>
      </h2>
      {children && <p className="cc-muted cc-group-about">{children}</p>}
      <MovingList
        items={items}
        idOf={({ id }) => id}
        label={title}
        isOrdered={false}
        className="cc-panel cc-applications"
      >
        {(application) => <Row application={application} isSelected={application.id === selected} />}
      </MovingList>
    </section>
  )
}

interface RowProps {
  readonly application: Application
  readonly isSelected: boolean
}

function Row({ application, isSelected }: RowProps) {
  const { id, company, job_id, job_title, location, status, note, updated_at } = application
  const row = useRef<HTMLDivElement>(null)
  const isListed = useQuery(jobsQuery(useUser())).data?.some(({ job }) => job.id === job_id)
  // Whoever was led here finds it in the middle of the screen, and goes on from it by keyboard.
  useEffect(() => {
    if (!isSelected) return
    row.current?.scrollIntoView({ block: 'center' })
    row.current?.focus({ preventScroll: true })
  }, [isSelected])
  return (
    <Highlight
      ref={row}
      value={status}
      className="cc-application"
      data-application={id}
      aria-current={isSelected || undefined}
      tabIndex={isSelected ? -1 : undefined}
    >
      <Monogram company={company} />
      <span className="cc-row-words">
        <span className="cc-row-title">
          {job_id !== undefined && isListed ? <a {...linkTo(jobPath(job_id))}>{job_title}</a> : job_title}
        </span>
        <span className="cc-row-about">
          {company}
          {location ? `, ${location}` : ''}
        </span>
        {note && <span className="cc-row-note">{note}</span>}
      </span>
      <Track status={status} />
      <span className="cc-application-end">
        <StatusBadge variant={variantOf(status)}>{statusNames[status]}</StatusBadge>
        <RelativeTime at={updated_at} />
      </span>
    </Highlight>
  )
}

/** How far it is; the badge beside it has the word. */
function Track({ status }: Pick<Application, 'status'>) {
  const done = stepsDone(status)
  return (
    <span className="cc-track" data-over={done === undefined || undefined} aria-hidden="true">
      {STEPS.map((step, i) => (
        <span key={step} className="cc-step" data-done={(done !== undefined && i < done) || undefined} />
      ))}
    </span>
  )
}
