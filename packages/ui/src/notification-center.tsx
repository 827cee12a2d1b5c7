'use client'
// What concerns a person, in one place: the bell with its count, and behind it the list, read and unread, by category,
// with the preferences one press away. Plain values in, wishes out: where notifications are kept is the app's business.

import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { appAnnouncer } from './announcements.ts'
import { NotificationBadge } from './badge.tsx'
import { Button } from './button.tsx'
import { byDay } from './days.ts'
import { EmptyState } from './empty-state.tsx'
import { formatDay, formatNumber } from './format.ts'
import { Icon } from './icon.tsx'
import { feedLabels, type NotificationLabels, notificationLabels } from './labels.ts'
import { MomentWords } from './moment-words.tsx'
import { type Notification, NotificationRow } from './notification-row.tsx'
import { Popover, type PopoverTrigger } from './popover.tsx'
import { useLabels, useSettings } from './settings.ts'
import { SkeletonRows } from './skeleton.tsx'
import { useNow } from './ticker.ts'
import { useIsHydrated } from './use-is-hydrated.ts'
import { useReading, useWaiting } from './use-waiting.ts'

export type { NotificationLabels } from './labels.ts'
export type { Notification } from './notification-row.tsx'

export interface NotificationCategory {
  readonly id: string
  readonly name: string
}

export interface BellProps {
  readonly unread: number
  readonly onClick?: (() => void) | undefined
  readonly labels?: Partial<NotificationLabels> | undefined
  readonly trigger?: PopoverTrigger | undefined
}

/** The button alone. Its name has the count; a change of it is not read out by itself. */
export function Bell({ unread, onClick, labels, trigger }: BellProps) {
  const words = useLabels('notifications', notificationLabels, labels)
  const { locale } = useSettings()
  const label = unread > 0 ? words.bellUnread(formatNumber(locale, unread)) : words.bell
  return (
    <Button kind="quiet" isIcon className="td-bell" onClick={onClick} {...trigger}>
      <span className="td-unseen">{label}</span>
      <NotificationBadge count={unread} isSilent>
        <Icon name="bell" />
      </NotificationBadge>
    </Button>
  )
}

export interface NotificationCenterProps {
  /** Newest first. Undefined: on their way. */
  readonly notifications: readonly Notification[] | undefined
  readonly categories?: readonly NotificationCategory[] | undefined
  /** How many are unread, where not all are loaded. Default: counted. */
  readonly unread?: number | undefined
  readonly onOpen?: ((notification: Notification) => void) | undefined
  readonly onRead?: ((id: string, isRead: boolean) => void) | undefined
  readonly onReadAll?: (() => void) | undefined
  /** For what is not loaded yet. */
  readonly hasMore?: boolean | undefined
  readonly onMore?: (() => void) | undefined
  /** What went wrong while loading, in words. */
  readonly problem?: string | undefined
  readonly onRetry?: (() => void) | undefined
  /** Shown in place of the list by the button at the top: a `<NotificationPreferencesForm>`, say. */
  readonly preferences?: ReactNode
  readonly labels?: Partial<NotificationLabels> | undefined
}

/**
 * The bell, and the list behind it.
 *
 * @example
 * <NotificationBell notifications={items} categories={categories} onRead={markRead} onReadAll={markAllRead} />
 */
export function NotificationBell({
  align,
  ...props
}: NotificationCenterProps & { readonly align?: 'start' | 'end' | undefined }) {
  const words = useLabels('notifications', notificationLabels, props.labels)
  return (
    <Popover
      className="td-notifications"
      label={words.title}
      align={align}
      trigger={(trigger) => <Bell unread={unreadOf(props)} labels={props.labels} trigger={trigger} />}
    >
      {(close) => (
        <NotificationCenter
          {...props}
          onOpen={(notification) => {
            props.onOpen?.(notification)
            close()
          }}
        />
      )}
    </Popover>
  )
}

/** The list, without a bell: for a page of its own. */
export function NotificationCenter(props: NotificationCenterProps) {
  const { preferences, onReadAll, labels } = props
  const words = useLabels('notifications', notificationLabels, labels)
  const [isInPreferences, setIsInPreferences] = useState(false)
  // The button that was pressed goes with its half; the one that leads back gets the focus.
  const other = useRef<HTMLButtonElement>(null)
  const wasPressed = useRef(false)
  const turn = (next: boolean) => {
    wasPressed.current = true
    setIsInPreferences(next)
  }
  useEffect(() => {
    if (wasPressed.current) other.current?.focus()
    wasPressed.current = false
  })
  if (isInPreferences) {
    return (
      <div className="td-center">
        <div className="td-center-head">
          <Button kind="quiet" isIcon ref={other} aria-label={words.back} onClick={() => turn(false)}>
            <Icon name="back" />
          </Button>
          <h2 className="td-center-title">{words.settings}</h2>
        </div>
        <div className="td-center-scroll">{preferences}</div>
      </div>
    )
  }
  return (
    <div className="td-center">
      <div className="td-center-head">
        <h2 className="td-center-title">{words.title}</h2>
        {onReadAll && (
          <Button
            kind="quiet"
            className="td-center-read-all"
            onClick={onReadAll}
            disabled={unreadOf(props) === 0}
          >
            {words.markAllRead}
          </Button>
        )}
        {preferences !== undefined && (
          <Button kind="quiet" isIcon ref={other} aria-label={words.settings} onClick={() => turn(true)}>
            <Icon name="settings" />
          </Button>
        )}
      </div>
      <List {...props} words={words} />
    </div>
  )
}

const PAGE = 30

function List(props: NotificationCenterProps & { readonly words: NotificationLabels }) {
  const { notifications, categories = [], words } = props
  const [isUnreadOnly, setIsUnreadOnly] = useState(false)
  const [chosen, setChosen] = useState('')
  // One that the app no longer has shows all of them, as the choice itself does.
  const category = categories.some(({ id }) => id === chosen) ? chosen : ''
  const { locale } = useSettings()
  const { isReading, ref, handlers } = useReading<HTMLDivElement>()
  const wanted = (notifications ?? []).filter((each) => category === '' || each.category === category)
  const { shown, waiting, release } = useWaiting(wanted, isReading)
  const waitingText = words.newWaiting(formatNumber(locale, waiting))
  useEffect(() => {
    if (waiting > 0) appAnnouncer.announce(`${words.title}: ${waitingText}`, { key: 'notifications' })
  }, [waiting, waitingText, words.title])
  const unread = unreadOf(props)
  return (
    <>
      <div className="td-center-filters">
        <div className="td-segments">
          {[false, true].map((isUnread) => (
            <button
              key={String(isUnread)}
              type="button"
              className="td-segment"
              aria-pressed={isUnreadOnly === isUnread}
              onClick={() => setIsUnreadOnly(isUnread)}
            >
              {isUnread ? words.unread : words.all}
              {isUnread && unread > 0 && (
                <span className="td-segment-count td-tabular">{formatNumber(locale, unread)}</span>
              )}
            </button>
          ))}
        </div>
        {categories.length > 1 && (
          <select
            className="td-select"
            aria-label={words.categories}
            value={category}
            onChange={({ target }) => setChosen(target.value)}
          >
            <option value="">{words.allCategories}</option>
            {categories.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </div>
      {waiting > 0 && (
        <div className="td-new">
          <Button
            className="td-new-button"
            onClick={() => {
              release()
              ref.current?.scrollTo?.({ top: 0 })
            }}
          >
            <Icon name="up" />
            {waitingText}
          </Button>
        </div>
      )}
      <div className="td-center-scroll" ref={ref} {...handlers}>
        <Rows {...props} shown={shown} isUnreadOnly={isUnreadOnly} />
      </div>
    </>
  )
}

interface RowsProps extends NotificationCenterProps {
  readonly words: NotificationLabels
  readonly shown: readonly Notification[]
  readonly isUnreadOnly: boolean
}

function Rows(props: RowsProps) {
  const { notifications, categories = [], problem, onRetry, onOpen, onRead, hasMore, onMore, words } = props
  const { shown, isUnreadOnly } = props
  const [bound, setBound] = useState(PAGE)
  const { locale } = useSettings()
  const { today, yesterday } = useLabels('feed', feedLabels, undefined)
  const now = useNow(60_000)
  const isHydrated = useIsHydrated()
  // One that is read while the unread are shown stays until one looks again: the row under the finger does not vanish.
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set())
  if (!isUnreadOnly && kept.size > 0) setKept(new Set())

  if (problem !== undefined) {
    return (
      <EmptyState
        icon="error"
        title={words.failed}
        action={onRetry && <Button onClick={onRetry}>{words.retry}</Button>}
      >
        {problem}
      </EmptyState>
    )
  }
  if (!notifications) return <SkeletonRows label={words.loading} />
  const matching = isUnreadOnly ? shown.filter(({ id, isRead }) => !isRead || kept.has(id)) : shown
  if (matching.length === 0) {
    return isUnreadOnly ? (
      <EmptyState icon="check" title={words.emptyUnread}>
        {words.emptyUnreadHint}
      </EmptyState>
    ) : (
      <EmptyState icon="bell" title={words.empty}>
        {words.emptyHint}
      </EmptyState>
    )
  }
  const visible = matching.slice(0, bound)
  const nameOf = new Map(categories.map(({ id, name }) => [id, name]))
  const read =
    onRead &&
    ((id: string, isRead: boolean) => {
      setKept(new Set([...kept, id]))
      onRead(id, isRead)
    })
  return (
    <>
      {byDay(visible, !isHydrated).map((day) => {
        const name = formatDay(locale, day.at, { now, today, yesterday })
        return (
          <div key={day.key}>
            <MomentWords as="p" className="td-day">
              {name}
            </MomentWords>
            <ul className="td-notes" onKeyDown={moveByKey}>
              {day.items.map((notification) => (
                <NotificationRow
                  key={notification.id}
                  notification={notification}
                  categoryName={nameOf.get(notification.category)}
                  words={words}
                  onOpen={(opened) => {
                    if (!opened.isRead) read?.(opened.id, true)
                    onOpen?.(opened)
                  }}
                  onRead={read}
                />
              ))}
            </ul>
          </div>
        )
      })}
      {(matching.length > visible.length || hasMore) && (
        <div className="td-more">
          <Button
            kind="quiet"
            onClick={() => {
              setBound(bound + PAGE)
              if (matching.length <= bound + PAGE) onMore?.()
            }}
          >
            {words.more}
          </Button>
        </div>
      )}
    </>
  )
}

/** Arrows go from row to row, across the days. */
function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  const scroll = event.currentTarget.closest('.td-center-scroll') ?? event.currentTarget
  const rows = [...scroll.querySelectorAll<HTMLElement>('.td-note-main')]
  const at = rows.findIndex((row) => row.parentElement?.contains(document.activeElement))
  const next = rows[at + step]
  if (at < 0 || !next) return
  event.preventDefault()
  next.focus()
}

function unreadOf({ unread, notifications }: NotificationCenterProps): number {
  return unread ?? notifications?.filter(({ isRead }) => !isRead).length ?? 0
}
