'use client'

// How the connection is, from a dot to a panel with everything that can be known and done. Shape and word say what the
// colour says.

import { Button } from './button.tsx'
import {
  type Connection,
  type ConnectionLook,
  canRetry,
  explain,
  lookOf,
  QUIET_MS,
  wordFor,
} from './connection.ts'
import { Countdown } from './countdown.tsx'
import { formatNumber } from './format.ts'
import { type ConnectionLabels, connectionLabels } from './labels.ts'
import { Popover } from './popover.tsx'
import { useLabels, useSettings } from './settings.ts'
import { useHasLasted } from './use-has-lasted.ts'

export type { Connection } from './connection.ts'
export type { ConnectionLabels } from './labels.ts'

export interface ConnectionDotProps {
  readonly connection: Connection
  /** How long a drop may last before it looks like one. Default: 5 s. */
  readonly quietMs?: number | undefined
}

/** Only the mark: a disc when live, a ring while waiting, a diamond when down. Silent; a word has to stand beside it. */
export function ConnectionDot({ connection, quietMs }: ConnectionDotProps) {
  return <Dot look={useLook(connection, quietMs)} />
}

function useLook(connection: Connection, quietMs = QUIET_MS): ConnectionLook {
  const isWaiting = connection.status === 'connecting' || connection.status === 'reconnecting'
  return lookOf(connection, useHasLasted(isWaiting, quietMs))
}

function Dot({ look }: { readonly look: ConnectionLook }) {
  return (
    <svg className="td-connection-dot" data-look={look} viewBox="0 0 12 12" aria-hidden="true">
      {look === 'live' && <circle cx="6" cy="6" r="4" />}
      {look === 'waiting' && <circle cx="6" cy="6" r="3.25" data-ring="" />}
      {look === 'down' && <path d="M6 1.3 10.7 6 6 10.7 1.3 6Z" />}
      {look === 'off' && <path d="M2.5 6h7" data-ring="" />}
    </svg>
  )
}

export interface ConnectionPanelProps {
  readonly connection: Connection
  /** Writes that wait to be sent. Undefined: not shown. */
  readonly queued?: number | undefined
  readonly onRetry?: (() => void) | undefined
  readonly onDisconnect?: (() => void) | undefined
  readonly labels?: Partial<ConnectionLabels> | undefined
}

/** State, round trip, queue, the next attempt, and what one can do. */
export function ConnectionPanel(props: ConnectionPanelProps) {
  return <Panel look={useLook(props.connection)} {...props} />
}

function Panel(props: ConnectionPanelProps & { readonly look: ConnectionLook }) {
  const { connection, queued, onRetry, onDisconnect, labels, look } = props
  const words = useLabels('connection', connectionLabels, labels)
  const { locale } = useSettings()
  const { status, latencyMs, attempt = 0, retryAt } = connection
  const number = (value: number) => formatNumber(locale, value)
  const isRetryShown = onRetry && canRetry(connection)
  const isDisconnectShown = onDisconnect && status === 'connected'
  return (
    <div className="td-connection-panel" data-status={status}>
      <p className="td-connection-headline">
        <Dot look={look} />
        {wordFor(connection, words)}
      </p>
      <p className="td-connection-about">{explain(connection, words)}</p>
      <dl className="td-facts">
        {status === 'connected' && latencyMs !== undefined && (
          <Fact name={words.latency} value={words.latencyValue(number(roundedLatency(latencyMs)))} />
        )}
        {queued !== undefined && (
          <Fact name={words.queued} value={queued === 0 ? words.nothingQueued : number(queued)} />
        )}
        {status !== 'connected' && attempt > 0 && <Fact name={words.attempts} value={number(attempt)} />}
        {status === 'reconnecting' && retryAt !== undefined && (
          <Fact
            name={words.nextAttempt}
            value={<Countdown until={retryAt} words={words.inSeconds} over={words.now} />}
          />
        )}
      </dl>
      {(isRetryShown || isDisconnectShown) && (
        <div className="td-actions">
          {isRetryShown && (
            <Button kind="main" onClick={onRetry}>
              {words.retryNow}
            </Button>
          )}
          {isDisconnectShown && <Button onClick={onDisconnect}>{words.disconnect}</Button>}
        </div>
      )}
    </div>
  )
}

export interface ConnectionStatusProps extends ConnectionPanelProps {
  /** Only the dot, its word as a tooltip. */
  readonly isCompact?: boolean | undefined
  /** Shows the round trip beside the word. Default: yes, where there is room for a word. */
  readonly hasLatency?: boolean | undefined
  readonly align?: 'start' | 'end' | undefined
  readonly quietMs?: number | undefined
}

/**
 * A button with the state in a word, and the panel behind it.
 *
 * @example
 * const connection = useConnection()
 * <ConnectionStatus connection={connection} onRetry={connection.reconnect} />
 */
export function ConnectionStatus({
  isCompact = false,
  hasLatency = true,
  align,
  quietMs,
  ...panel
}: ConnectionStatusProps) {
  const { connection, labels } = panel
  const words = useLabels('connection', connectionLabels, labels)
  const { locale } = useSettings()
  const look = useLook(connection, quietMs)
  const word = wordFor(connection, words)
  const { latencyMs } = connection
  return (
    <Popover
      className="td-connection"
      label={words.title}
      align={align}
      trigger={(trigger, isOpen) => (
        <button
          type="button"
          className="td-connection-button"
          data-status={connection.status}
          data-compact={isCompact || undefined}
          {...trigger}
        >
          <Dot look={look} />
          {isCompact ? (
            <>
              <span className="td-unseen">
                {words.title}: {word}
              </span>
              {!isOpen && (
                <span className="td-tip" aria-hidden="true">
                  {word}
                </span>
              )}
            </>
          ) : (
            <span className="td-connection-word">{word}</span>
          )}
          {!isCompact && hasLatency && connection.status === 'connected' && latencyMs !== undefined && (
            <span className="td-connection-latency td-tabular">
              {words.latencyValue(formatNumber(locale, roundedLatency(latencyMs)))}
            </span>
          )}
        </button>
      )}
    >
      {() => <Panel look={look} {...panel} />}
    </Popover>
  )
}

const roundedLatency = (latencyMs: number) => Math.max(1, Math.round(latencyMs))

function Fact({ name, value }: { readonly name: string; readonly value: React.ReactNode }) {
  return (
    <div className="td-fact">
      <dt>{name}</dt>
      <dd className="td-tabular">{value}</dd>
    </div>
  )
}
