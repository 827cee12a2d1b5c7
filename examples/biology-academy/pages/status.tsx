// The system status monitor: the academy's systems, and this page's own connection to them.

import { useOutbox } from '@tidings/react'
import { RelativeTime } from '@tidings/ui/relative-time'
import { useSyncExternalStore } from 'react'
import { useAcademy } from '../parts/academy.tsx'
import { Card, Waiting } from '../parts/card.tsx'
import { debugLines } from '../parts/debug-lines.ts'
import { clockTime, exactly, whole } from '../parts/numbers.ts'
import { Services, stateWords, useSystemStatus } from '../parts/services.tsx'

export function Status() {
  const { isDebugging, isCutOff: isStale } = useAcademy()
  const trail = useSystemStatus()
  const now = trail?.at(-1)
  return (
    <div className="stack">
      {now && (
        <section
          className="state"
          data-state={now.status}
          data-stale={isStale || undefined}
          aria-label="At a glance"
        >
          <span className="state-mark" data-state={isStale ? 'unknown' : now.status} />
          <div className="state-words" role="status">
            <p className="state-line">{isStale ? 'Not known at the moment' : stateWords[now.status].line}</p>
            <p>
              {isStale ? `At the last check: ${stateWords[now.status].line}` : stateWords[now.status].word}
            </p>
          </div>
          <dl className="state-facts">
            <div>
              <dt>Uptime, 30 days</dt>
              <dd>{exactly(now.uptime)} %</dd>
            </div>
            <div>
              <dt>Last check</dt>
              <dd>
                <RelativeTime at={now.lastCheck} />
              </dd>
            </div>
          </dl>
        </section>
      )}
      <Card title="Services" aside={<span className="quiet checks-note">last 40 checks</span>}>
        {trail === undefined ? (
          <Waiting lines={6} />
        ) : now ? (
          <Services trail={trail} />
        ) : (
          <p className="quiet">The first check shows here.</p>
        )}
      </Card>
      <Connection />
      {isDebugging && <DebugLog />}
    </div>
  )
}

const statusWords = {
  connecting: 'Connecting',
  connected: 'Connected',
  reconnecting: 'Reconnecting',
  disconnected: 'Not connected',
  error: 'Given up',
} as const

function Connection() {
  const { socket } = useAcademy()
  const { status, latency, isConnected } = socket
  // Renders when one comes or goes.
  useOutbox()
  const queued = socket.getQueuedMessages()
  return (
    <Card title="This page’s connection">
      <dl className="facts">
        <div>
          <dt>State</dt>
          <dd>{statusWords[status]}</dd>
        </div>
        <div>
          <dt>Round trip</dt>
          <dd className="td-tabular">
            {!isConnected
              ? '–'
              : latency === undefined
                ? 'Measured within 30 s'
                : `${whole(Math.max(1, latency))} ms`}
          </dd>
        </div>
        <div>
          <dt>Waiting to be sent</dt>
          <dd className="td-tabular">{whole(queued.length)}</dd>
        </div>
      </dl>
      {queued.length > 0 && (
        <ul className="queue" aria-label="Waiting to be sent">
          {queued.map(({ messageId, type, timestamp }) => (
            <li key={messageId}>
              <code>{type}</code>
              <span className="faint">{clockTime(timestamp)}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="buttons">
        <button type="button" className="td-button" onClick={socket.reconnect}>
          Reconnect
        </button>
        <button type="button" className="td-button" onClick={socket.disconnect} disabled={!isConnected}>
          Disconnect
        </button>
        <button
          type="button"
          className="td-button"
          onClick={() => socket.clearQueue()}
          disabled={queued.length === 0}
        >
          Clear the queue
        </button>
      </div>
    </Card>
  )
}

function DebugLog() {
  const lines = useSyncExternalStore(debugLines.subscribe, debugLines.get)
  return (
    <Card title="Debug log" aside={<span className="quiet">newest first</span>}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div className="log" role="log" aria-label="Debug log" aria-live="off" tabIndex={0}>
        {lines.toReversed().map(({ n, at, text }) => (
          <p key={n}>
            <span className="faint">{clockTime(at)}</span> {text.replace(/^\[[^\]]*\] /, '')}
          </p>
        ))}
      </div>
    </Card>
  )
}
