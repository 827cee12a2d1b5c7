// What runs here. The line to paste and what comes of it stand side by side, so that a stranger sees in one minute what
// the whole is about.

import { hello, type Message } from '@tidings/example-hello/contract.ts'
import { curlLine } from '@tidings/example-hello/parts/backend.tsx'
import { Code } from '@tidings/example-hello/parts/code.tsx'
import { Icon, Mark } from '@tidings/example-hello/parts/icon.tsx'
import { formatTime, useHasLasted } from '@tidings/example-hello/parts/time.ts'
import { useChannelState, useConnection, usePresence } from '@tidings/react'
import { TidingsMark } from './tidings-mark.tsx'

const lobby = hello({ room: 'lobby' })
const SHOWN = 5

export function Start() {
  return (
    <div className="start">
      <header className="start-head">
        <span className="start-brand">
          <TidingsMark />
          Tidings
        </span>
      </header>
      <main>
        <h1 className="start-title">Every screen sees every event. Once, in order.</h1>
        <p className="start-lead">
          Declare your events once; publish them from any language over HTTP or from a React component; read
          them as state. Restart the server or pull the plug in the middle: nothing is lost and nothing comes
          twice.
        </p>
        <section className="panel try" aria-label="Try it">
          <Publish />
          <Watch />
        </section>
        <Apps />
      </main>
    </div>
  )
}

function Publish() {
  return (
    <div className="try-half">
      <h2 className="try-title">Publish from a terminal</h2>
      <p className="try-note">Paste this in the folder where you ran npm start.</p>
      <Code label="Command to publish an event" text={curlLine('lobby', window.location.origin)} />
    </div>
  )
}

function Watch() {
  const messages = useChannelState(lobby)
  const status = useConnection((connection) => connection.status)
  return (
    <div className="try-half">
      <h2 className="try-title">
        And it is here
        <span className="try-status" data-status={status} role="status">
          {status === 'connected' ? 'live' : 'waiting for the server'}
        </span>
      </h2>
      <p className="try-note">The channel hello/lobby, as every open page sees it.</p>
      <Entries messages={messages?.slice(-SHOWN)} />
    </div>
  )
}

function Entries({ messages }: { messages: readonly Message[] | undefined }) {
  // What was there already does not move in.
  const isSettled = useHasLasted(messages !== undefined, 300)
  return (
    <ol
      className="entries"
      data-settled={isSettled || undefined}
      aria-label="The newest events"
      aria-live={isSettled ? 'polite' : 'off'}
    >
      {messages?.length === 0 && (
        <li className="entries-empty">
          Nothing has been said in the lobby yet. The first event appears here.
        </li>
      )}
      {messages?.map(({ id, offset, name, text, at }) => (
        <li key={id} className="entry">
          <span className="entry-offset">#{offset}</span>
          <span className="entry-text">
            <bdi className="entry-name">{name}</bdi>
            <bdi>{text}</bdi>
          </span>
          <time dateTime={new Date(at).toISOString()}>{formatTime(at)}</time>
        </li>
      ))}
    </ol>
  )
}

/** Things under glass. */
function GalleryMark() {
  return (
    <svg viewBox="0 0 28 28" width="26" height="26" aria-hidden="true" fill="var(--accent)">
      <rect x="3" y="3" width="10" height="13" rx="2.5" />
      <rect x="15" y="3" width="10" height="6" rx="2.5" opacity="0.55" />
      <rect x="3" y="18" width="10" height="7" rx="2.5" opacity="0.55" />
      <rect x="15" y="11" width="10" height="14" rx="2.5" />
    </svg>
  )
}

/** Two that fly together. */
function WingMark() {
  return (
    <svg
      viewBox="0 0 28 28"
      width="26"
      height="26"
      aria-hidden="true"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="3.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d="m5.500 14 8.500-9 8.500 9" />
      <path d="m5.500 22.500 8.500-9 8.500 9" opacity="0.55" />
    </svg>
  )
}

/** A cell that is about to become two. */
function CellMark() {
  return (
    <svg viewBox="0 0 28 28" width="26" height="26" aria-hidden="true">
      <path
        fill="var(--accent)"
        d="M10.2 5.2c2 0 2.7 1.5 3.8 1.5s1.8-1.5 3.8-1.5c4.3 0 7.2 3.9 7.2 8.8s-2.9 8.8-7.2 8.8c-2 0-2.7-1.5-3.8-1.5s-1.8 1.5-3.8 1.5C5.9 22.8 3 18.9 3 14s2.9-8.8 7.2-8.8Z"
      />
      <circle cx="9.3" cy="14" r="3.1" fill="var(--surface)" />
      <circle cx="18.7" cy="14" r="3.1" fill="var(--surface)" />
    </svg>
  )
}

function Apps() {
  const { total } = usePresence(lobby)
  return (
    <section aria-labelledby="apps">
      <h2 className="start-section-title apps-title" id="apps">
        Apps
      </h2>
      <div className="panel">
        <a className="app" href="/hello">
          <span className="app-icon" data-brand="hello">
            <Mark />
          </span>
          <span className="app-words">
            <span className="app-name">Hello</span>
            <br />
            <span className="app-about">
              A room, its messages, and who is here: contract, server and page on one screen.
            </span>
          </span>
          <span className="app-here">{total} here now</span>
          <Icon name="next" />
        </a>
        <a className="app" href="/biology-academy">
          <span className="app-icon">
            <CellMark />
          </span>
          <span className="app-words">
            <span className="app-name">Biology Academy</span>
            <br />
            <span className="app-about">
              Study metrics, shared sessions, notifications and system status; with no server at all, too.
            </span>
          </span>
          <Icon name="next" />
        </a>
        <a className="app" href="/career-copilot">
          <span className="app-icon">
            <WingMark />
          </span>
          <span className="app-words">
            <span className="app-name">Career Copilot</span>
            <br />
            <span className="app-about">
              A job search that keeps itself up to date: matches, applications, notifications.
            </span>
          </span>
          <Icon name="next" />
        </a>
        <a className="app" href="/gallery">
          <span className="app-icon">
            <GalleryMark />
          </span>
          <span className="app-words">
            <span className="app-name">Gallery</span>
            <br />
            <span className="app-about">
              The component kit in every state: connection, notifications, toasts, presence, activity.
            </span>
          </span>
          <Icon name="next" />
        </a>
      </div>
    </section>
  )
}
