// The connection in words: a quiet mark always, a line that says what to expect when a drop lasts, and one sentence
// for screen readers each time that changes. A drop under five seconds moves nothing but the mark.

import type { ConnectionState } from '@tidings/client'
import { adviceFor } from '@tidings/core'
import { useConnection, useOutbox } from '@tidings/react'
import { useHasLasted, useNow } from './time.ts'

const QUIET_MS = 5_000

const words: Record<ConnectionState['status'], string> = {
  connecting: 'Connecting',
  connected: 'Connected',
  reconnecting: 'Reconnecting',
  disconnected: 'Not connected',
  error: 'Cannot connect',
}

const wordFor = (state: ConnectionState) => (state.reason === 'offline' ? 'Offline' : words[state.status])

export function ConnectionMark() {
  const state = useConnection()
  return (
    <span className="connection" data-status={state.status}>
      <span className="connection-dot" />
      <span className="connection-word">{wordFor(state)}</span>
      {state.status === 'connected' && state.latencyMs !== undefined && (
        <span className="connection-latency">{Math.max(1, Math.round(state.latencyMs))} ms</span>
      )}
    </span>
  )
}

export function ConnectionNotice() {
  const state = useConnection()
  const { storage } = useOutbox()
  const isKept = storage.name !== 'failing'
  const isInTrouble = state.status !== 'connected'
  const hasLasted = useHasLasted(isInTrouble, QUIET_MS)
  // What nobody is going to mend by waiting is said at once.
  const isShown = hasLasted || state.status === 'error'
  return (
    <>
      <p className="only-for-screen-readers" role="status">
        {isShown ? `${wordFor(state)}. ${explain(state, isKept)}` : ''}
      </p>
      {isShown && (
        <div className="notice" data-kind={state.status === 'error' ? 'danger' : 'warning'}>
          <p>
            {explain(state, isKept)} {state.retryAt !== undefined && <Countdown until={state.retryAt} />}
          </p>
          {state.reason !== 'offline' && (
            <button className="button" type="button" onClick={() => state.reconnect()}>
              Try now
            </button>
          )}
        </div>
      )}
    </>
  )
}

function explain(state: ConnectionState, isKept: boolean): string {
  if (state.status === 'error') return `${state.error.message} ${adviceFor(state.error.code)}`
  if (state.status === 'disconnected') return 'The connection was closed.'
  const what = state.reason === 'offline' ? 'This device is offline.' : 'No answer from the server.'
  const then = isKept
    ? 'What you write is kept and sent, in order, when it is back.'
    : 'Keep this page open: your browser does not store what you write, and it is sent from here when it is back.'
  return `${what} ${then}`
}

function Countdown({ until }: { until: number }) {
  const seconds = Math.ceil((until - useNow(1_000)) / 1_000)
  return (
    <span className="notice-when">{seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again now.'}</span>
  )
}
