'use client'
// What happened while one was away, in one line instead of seven toasts; and where history is gone, that it is.

import { useEffect } from 'react'
import { appAnnouncer } from './announcements.ts'
import { Button } from './button.tsx'
import { formatNumber, formatTime } from './format.ts'
import { Icon } from './icon.tsx'
import { type ContinuityLabels, continuityLabels } from './labels.ts'
import { MomentWords } from './moment-words.tsx'
import { useLabels, useSettings } from './settings.ts'

export interface ContinuityNoticeProps {
  /** Events that were caught up with. 0, and no gap: nothing is shown. */
  readonly missed: number
  /** When one was last up to date, in wall milliseconds since 1970. */
  readonly since?: number | undefined
  /** What they were, in the app's words: `Job matches`, 4. */
  readonly summary?: readonly { readonly label: string; readonly count: number }[] | undefined
  /** Whether some of what happened is no longer kept. */
  readonly hasGap?: boolean | undefined
  readonly onShow?: (() => void) | undefined
  readonly onDismiss?: (() => void) | undefined
  readonly labels?: Partial<ContinuityLabels> | undefined
}

export function ContinuityNotice(props: ContinuityNoticeProps) {
  const { missed, since, summary = [], hasGap = false, onShow, onDismiss, labels } = props
  const words = useLabels('continuity', continuityLabels, labels)
  const { locale } = useSettings()
  const title = hasGap ? words.gap : words.away(formatNumber(locale, missed))
  const isShown = hasGap || missed > 0
  useEffect(() => {
    if (isShown) appAnnouncer.announce(title, { key: 'continuity' })
  }, [isShown, title])
  if (!isShown) return null
  return (
    <section className="td-continuity" data-gap={hasGap || undefined} aria-label={title}>
      <Icon name={hasGap ? 'warning' : 'history'} />
      <div className="td-continuity-words">
        <p className="td-continuity-title">
          {title}
          {since !== undefined && !hasGap && (
            <MomentWords as="span" className="td-continuity-since">
              {words.since(formatTime(locale, since))}
            </MomentWords>
          )}
        </p>
        {hasGap && <p className="td-continuity-about">{words.gapHint}</p>}
        {!hasGap && summary.length > 0 && (
          <ul className="td-continuity-summary">
            {summary.map(({ label, count }) => (
              <li key={label}>
                <b className="td-tabular">{formatNumber(locale, count)}</b> {label}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="td-continuity-actions">
        {onShow && <Button onClick={onShow}>{words.show}</Button>}
        {onDismiss && (
          <Button kind="quiet" isIcon aria-label={words.dismiss} onClick={onDismiss}>
            <Icon name="close" />
          </Button>
        )}
      </div>
    </section>
  )
}
