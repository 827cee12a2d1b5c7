'use client'
// What happened, newest first, under its days. What comes while somebody reads waits above as "3 new". Bounded on the
// page: older ones are shown on request, so ten thousand cost what fifty do. Keys as the feed pattern has them: Page Up
// and Page Down go from article to article.

import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react'
import { flushSync } from 'react-dom'
import { appAnnouncer } from './announcements.ts'
import { Avatar } from './avatar.tsx'
import { Button } from './button.tsx'
import { byDay } from './days.ts'
import { EmptyState } from './empty-state.tsx'
import { formatDay, formatNumber } from './format.ts'
import { Icon } from './icon.tsx'
import { type FeedLabels, feedLabels } from './labels.ts'
import { MomentWords } from './moment-words.tsx'
import { RelativeTime } from './relative-time.tsx'
import { useLabels, useSettings } from './settings.ts'
import { SkeletonRows } from './skeleton.tsx'
import { useNow } from './ticker.ts'
import { useIsHydrated } from './use-is-hydrated.ts'
import { useReading, useWaiting } from './use-waiting.ts'
import { iconOf, type Variant } from './variant.ts'

export interface Activity {
  readonly id: string
  /** Wall milliseconds since 1970. */
  readonly at: number
  /** Who did it. Their name stands before the text. */
  readonly actor?: string | undefined
  readonly content: ReactNode
  readonly detail?: ReactNode
  readonly variant?: Variant | undefined
}

export interface ActivityFeedProps {
  /** Newest first. Undefined: on their way. */
  readonly activities: readonly Activity[] | undefined
  readonly label: string
  /** How many at first, and how many more on request. Default: 30. */
  readonly pageSize?: number | undefined
  /** For what is not loaded yet. */
  readonly hasMore?: boolean | undefined
  readonly onMore?: (() => void) | undefined
  /** In place of the empty state. */
  readonly empty?: ReactNode
  readonly labels?: Partial<FeedLabels> | undefined
}

export function ActivityFeed(props: ActivityFeedProps) {
  const { activities, label, pageSize = 30, hasMore = false, onMore, empty, labels } = props
  const words = useLabels('feed', feedLabels, labels)
  const { locale } = useSettings()
  const now = useNow(60_000)
  const isHydrated = useIsHydrated()
  const { isReading, ref, handlers } = useReading<HTMLDivElement>()
  const { shown, waiting, release } = useWaiting(activities ?? [], isReading)
  const [bound, setBound] = useState(pageSize)
  const waitingText = words.newWaiting(formatNumber(locale, waiting))
  useEffect(() => {
    if (waiting > 0) appAnnouncer.announce(`${label}: ${waitingText}`, { key: `feed ${label}` })
  }, [waiting, waitingText, label])
  const arrivals = useArrivals(activities)

  if (!activities) return <SkeletonRows label={words.loading} />
  if (activities.length === 0) return empty ?? <EmptyState title={words.empty}>{words.emptyHint}</EmptyState>
  const visible = shown.slice(0, bound)
  const isMoreThere = shown.length > visible.length || hasMore
  const showMore = () => {
    setBound(bound + pageSize)
    if (shown.length <= bound + pageSize) onMore?.()
  }
  const showWaiting = () => {
    // The focus goes to what is shown then.
    flushSync(release)
    ref.current?.scrollTo?.({ top: 0 })
    ref.current?.querySelector<HTMLElement>('article')?.focus()
  }
  const places = new Map(visible.map(({ id }, index) => [id, index + 1]))
  return (
    <div className="td-feed" ref={ref} {...handlers}>
      {waiting > 0 && (
        <div className="td-new">
          <Button className="td-new-button" onClick={showWaiting}>
            <Icon name="up" />
            {waitingText}
          </Button>
        </div>
      )}
      <div role="feed" aria-label={label} onKeyDown={moveByKey}>
        {byDay(visible, !isHydrated).map((day) => (
          <div className="td-feed-day" key={day.key}>
            <MomentWords as="p" className="td-day">
              {formatDay(locale, day.at, { now, ...words })}
            </MomentWords>
            {day.items.map((activity) => (
              <FeedArticle
                key={activity.id}
                activity={activity}
                place={places.get(activity.id) ?? 0}
                total={hasMore ? -1 : shown.length}
                isNew={arrivals.has(activity.id)}
              />
            ))}
          </div>
        ))}
      </div>
      {isMoreThere && (
        <div className="td-more">
          <Button kind="quiet" onClick={showMore}>
            {words.more}
          </Button>
        </div>
      )}
    </div>
  )
}

interface FeedArticleProps {
  readonly activity: Activity
  readonly place: number
  readonly total: number
  readonly isNew: boolean
}

function FeedArticle({ activity, place, total, isNew }: FeedArticleProps) {
  const { at, actor, content, detail, variant = 'default' } = activity
  const id = useId()
  return (
    <article
      className="td-activity"
      aria-labelledby={id}
      aria-posinset={place}
      aria-setsize={total}
      tabIndex={place === 1 ? 0 : -1}
      data-variant={variant}
      data-new={isNew || undefined}
    >
      {actor === undefined ? (
        <span className="td-activity-icon" data-variant={variant}>
          <Icon name={variant === 'default' ? 'dot' : iconOf[variant]} />
        </span>
      ) : (
        <Avatar name={actor} size={28} />
      )}
      <div className="td-activity-body">
        <p className="td-activity-words" id={id}>
          {actor !== undefined && (
            <>
              <bdi className="td-activity-actor">{actor}</bdi>{' '}
            </>
          )}
          {content}
        </p>
        {detail !== undefined && <div className="td-activity-detail">{detail}</div>}
      </div>
      <RelativeTime at={at} isUnderDay />
    </article>
  )
}

/** The ids that came after the list was first shown: they light up. */
function useArrivals(activities: readonly Activity[] | undefined): ReadonlySet<string> {
  const newest = activities?.[0]?.at
  const [first, setFirst] = useState(newest)
  if (first === undefined && newest !== undefined) setFirst(newest)
  if (!activities || first === undefined) return new Set()
  return new Set(activities.filter(({ at }) => at > first).map(({ id }) => id))
}

function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  const articles = [...event.currentTarget.querySelectorAll<HTMLElement>('article')]
  const at = articles.findIndex((article) => article.contains(document.activeElement))
  if (at < 0) return
  const step = { PageDown: 1, PageUp: -1 }[event.key]
  if (step === undefined) return
  event.preventDefault()
  articles[Math.min(articles.length - 1, Math.max(0, at + step))]?.focus()
}
