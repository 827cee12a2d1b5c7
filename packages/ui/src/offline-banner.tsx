'use client'
// A line across the page when a drop lasts: what happened, what becomes of one's work, when the next attempt is. Tells
// screen readers once that the connection is gone, and once that it is back. A short drop shows and says nothing.

import { useEffect, useRef, useState } from 'react'
import { appAnnouncer } from './announcements.ts'
import { Button } from './button.tsx'
import { type Connection, canRetry, explain, isTroubled, QUIET_MS, wordFor } from './connection.ts'
import { Countdown } from './countdown.tsx'
import { formatNumber } from './format.ts'
import { Icon } from './icon.tsx'
import { type ConnectionLabels, connectionLabels } from './labels.ts'
import { useLabels, useSettings } from './settings.ts'
import { useHasLasted } from './use-has-lasted.ts'

export type { Connection } from './connection.ts'

export interface OfflineBannerProps {
  readonly connection: Connection
  /** Writes that wait to be sent. */
  readonly queued?: number | undefined
  readonly onRetry?: (() => void) | undefined
  /** How long a drop may last before it is worth a line. Default: 5 s. What waiting does not mend is said at once. */
  readonly quietMs?: number | undefined
  readonly labels?: Partial<ConnectionLabels> | undefined
}

const BACK_MS = 4_000

/**
 * @example
 * const connection = useConnection()
 * const { pending } = useOutbox()
 * <OfflineBanner connection={connection} queued={pending.length} onRetry={connection.reconnect} />
 */
export function OfflineBanner(props: OfflineBannerProps) {
  const { connection, queued = 0, onRetry, quietMs = QUIET_MS, labels } = props
  const words = useLabels('connection', connectionLabels, labels)
  const { locale } = useSettings()
  const hasLasted = useHasLasted(isTroubled(connection), quietMs)
  const isDown = hasLasted || connection.status === 'error'
  const isBack = useIsBack(isDown, connection.status === 'connected')

  const sentence = isDown ? `${wordFor(connection, words)}. ${explain(connection, words)}` : ''
  const back = words.backOnline
  const wasDown = useRef(false)
  useEffect(() => {
    if (sentence !== '') appAnnouncer.announce(sentence, { key: 'connection' })
    else if (wasDown.current && isBack) appAnnouncer.announce(back, { key: 'connection' })
    wasDown.current = sentence !== ''
  }, [sentence, isBack, back])

  if (!isDown && !isBack) return null
  if (isBack) {
    return (
      <div className="td-banner" data-variant="success">
        <Icon name="success" />
        <p className="td-banner-words">{words.backOnline}</p>
      </div>
    )
  }
  const { retryAt, status, reason } = connection
  const isOffline = reason === 'offline'
  return (
    <div className="td-banner" data-variant={status === 'error' ? 'error' : 'warning'}>
      <Icon name={isOffline ? 'offline' : status === 'error' ? 'error' : 'warning'} />
      <p className="td-banner-words">
        {explain(connection, words)}
        {queued > 0 && ` ${words.queuedInBanner(formatNumber(locale, queued))}`}
        {retryAt !== undefined && !isOffline && (
          <>
            {' '}
            <Countdown until={retryAt} words={words.retryIn} over={words.retryingNow} />
          </>
        )}
      </p>
      {onRetry && canRetry(connection) && <Button onClick={onRetry}>{words.retryNow}</Button>}
    </div>
  )
}

/** True for a moment after a trouble that was shown. */
function useIsBack(isDown: boolean, isConnected: boolean): boolean {
  const { clock } = useSettings()
  const [wasDown, setWasDown] = useState(false)
  if (isDown && !wasDown) setWasDown(true)
  const isBack = wasDown && isConnected
  useEffect(() => {
    return isBack ? clock.setTimer(BACK_MS, () => setWasDown(false)) : undefined
  }, [clock, isBack])
  return isBack
}
