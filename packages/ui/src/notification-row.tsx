'use client'
// One notification: what it is, since when, whether it was read; and the two things to do with it.

import { Button } from './button.tsx'
import { Icon } from './icon.tsx'
import type { NotificationLabels } from './labels.ts'
import { RelativeTime } from './relative-time.tsx'
import { iconOf, type Variant } from './variant.ts'

export interface Notification {
  readonly id: string
  /** Wall milliseconds since 1970. */
  readonly at: number
  readonly title: string
  readonly description?: string | undefined
  readonly category: string
  readonly isRead: boolean
  readonly variant?: Variant | undefined
  /** Where it leads: then it is a link. */
  readonly href?: string | undefined
}

export interface NotificationRowProps {
  readonly notification: Notification
  readonly categoryName: string | undefined
  readonly words: NotificationLabels
  readonly onOpen: (notification: Notification) => void
  readonly onRead: ((id: string, isRead: boolean) => void) | undefined
}

export function NotificationRow({ notification, categoryName, words, onOpen, onRead }: NotificationRowProps) {
  const { id, at, title, description, isRead, variant = 'default', href } = notification
  const open = () => onOpen(notification)
  const inside = (
    <>
      <span className="td-note-icon" data-variant={variant}>
        <Icon name={iconOf[variant]} />
      </span>
      <span className="td-note-words">
        <span className="td-note-title">
          {!isRead && <span className="td-unseen">{words.isUnread}: </span>}
          {title}
        </span>
        {description !== undefined && <span className="td-note-description">{description}</span>}
        <span className="td-note-meta">
          <RelativeTime at={at} isUnderDay />
          {categoryName !== undefined && <span className="td-note-category">{categoryName}</span>}
        </span>
      </span>
    </>
  )
  const label = isRead ? words.markUnread : words.markRead
  return (
    <li className="td-note" data-read={isRead || undefined}>
      {href === undefined ? (
        <button type="button" className="td-note-main" onClick={open}>
          {inside}
        </button>
      ) : (
        <a className="td-note-main" href={href} onClick={open}>
          {inside}
        </a>
      )}
      <span className="td-note-side">
        {!isRead && <span className="td-note-dot" />}
        {onRead && (
          <Button
            kind="quiet"
            isIcon
            className="td-note-toggle"
            aria-label={`${label}: ${title}`}
            title={label}
            onClick={() => onRead(id, !isRead)}
          >
            <Icon name={isRead ? 'dot' : 'check'} />
          </Button>
        )}
      </span>
    </li>
  )
}
