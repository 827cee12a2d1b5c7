// The connection in all its states, and one to play with.

import { type Connection, ConnectionPanel, ConnectionStatus } from '@tidings/ui/connection-status'
import { OfflineBanner } from '@tidings/ui/offline-banner'
import { useEffect, useState } from 'react'
import { now } from '../content.ts'
import { Section, Specimen } from '../specimen.tsx'

const retry = () => undefined
const connected: Connection = { status: 'connected', reason: 'ready', latencyMs: 24 }
const waiting: Connection = {
  status: 'reconnecting',
  reason: 'network',
  attempt: 3,
}
const offline: Connection = { status: 'reconnecting', reason: 'offline', attempt: 0 }
const refused: Connection = {
  status: 'error',
  error: { message: 'Your session has ended. Sign in again to go on.' },
}

/** `quietMs`: a specimen of a short drop stays one, and one of a long drop is one at once. */
const states: readonly {
  readonly title: string
  readonly connection: Connection
  readonly quietMs?: number
}[] = [
  { title: 'Connected', connection: connected },
  { title: 'A short drop', connection: waiting, quietMs: Number.POSITIVE_INFINITY },
  { title: 'A drop that lasts', connection: waiting, quietMs: 0 },
  { title: 'No network', connection: offline, quietMs: 0 },
  { title: 'Closed', connection: { status: 'disconnected', reason: 'by-app' } },
  { title: 'Refused', connection: refused },
]

export function ConnectionSection() {
  return (
    <Section
      id="connection"
      title="Connection"
      entry="connection-status, offline-banner"
      about="A dot and a word, always there and never loud. A drop under five seconds changes nothing but the dot; one that lasts gets a line that says what happens next."
    >
      <Specimen title="Try it" note="Cut the connection, wait, and bring it back" span={6} fill="width">
        <Playground />
      </Specimen>
      {states.map(({ title, connection, quietMs }) => (
        <Specimen key={title} title={title} span={2}>
          <div className="in-a-row">
            <ConnectionStatus
              connection={connection}
              queued={0}
              onRetry={retry}
              align="start"
              quietMs={quietMs}
            />
            <ConnectionStatus
              connection={connection}
              queued={0}
              onRetry={retry}
              quietMs={quietMs}
              isCompact
              align="start"
            />
          </div>
        </Specimen>
      ))}
      <Specimen title="Panel, connected" span={2} fill="edge">
        <ConnectionPanel connection={connected} queued={0} onDisconnect={retry} />
      </Specimen>
      <Specimen title="Panel, reconnecting" span={2} fill="edge">
        <Waiting />
      </Specimen>
      <Specimen title="Panel, refused" span={2} fill="edge">
        <ConnectionPanel connection={refused} queued={2} onRetry={retry} />
      </Specimen>
      <Specimen title="Banner, no answer" span={6} fill="width">
        <OfflineBanner connection={waiting} queued={12} onRetry={retry} quietMs={0} />
      </Specimen>
      <Specimen title="Banner, no network" span={3} fill="width">
        <OfflineBanner connection={offline} queued={3} quietMs={0} />
      </Specimen>
      <Specimen title="Banner, refused" span={3} fill="width">
        <OfflineBanner connection={refused} onRetry={retry} />
      </Specimen>
    </Section>
  )
}

const RETRY_MS = 12_000

/** Whose next attempt is always a few seconds away. */
function Waiting() {
  const [retryAt, setRetryAt] = useState(now + RETRY_MS)
  useEffect(() => {
    const timer = setInterval(() => setRetryAt(Date.now() + RETRY_MS), RETRY_MS)
    return () => clearInterval(timer)
  }, [])
  return <ConnectionPanel connection={{ ...waiting, retryAt }} queued={12} onRetry={retry} />
}

function Playground() {
  const [isCut, setIsCut] = useState(false)
  const [attempt, setAttempt] = useState(0)
  const [retryAt, setRetryAt] = useState<number>()
  const [queued, setQueued] = useState(0)
  useEffect(() => {
    if (!isCut) return
    setRetryAt(Date.now() + RETRY_MS)
    const timer = setTimeout(() => setAttempt(attempt + 1), RETRY_MS)
    return () => clearTimeout(timer)
  }, [isCut, attempt])
  const connection: Connection = isCut
    ? { status: 'reconnecting', reason: 'network', attempt: attempt + 1, retryAt }
    : { ...connected, latencyMs: 24 }
  const restore = () => {
    setIsCut(false)
    setAttempt(0)
    setQueued(0)
  }
  return (
    <div className="playground">
      <div className="mock-bar">
        <span className="mock-brand">Field notes</span>
        <ConnectionStatus connection={connection} queued={queued} onRetry={() => setAttempt(attempt + 1)} />
      </div>
      <div className="mock-notice">
        <OfflineBanner connection={connection} queued={queued} onRetry={() => setAttempt(attempt + 1)} />
      </div>
      <div className="mock-actions">
        <button type="button" className="td-button" onClick={() => (isCut ? restore() : setIsCut(true))}>
          {isCut ? 'Restore the connection' : 'Cut the connection'}
        </button>
        <button type="button" className="td-button" onClick={() => setQueued(queued + 1)} disabled={!isCut}>
          Write something
        </button>
      </div>
    </div>
  )
}
