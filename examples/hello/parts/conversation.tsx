// The messages of a room, oldest first, as a log that screen readers follow. Reading above the end is never disturbed.

import { Fragment } from 'react'
import type { Message } from '../contract.ts'
import { Icon, Mark } from './icon.tsx'
import { isContinued, MessageRow } from './message.tsx'
import { formatDay, isSameDay, useHasLasted, useNow } from './time.ts'
import { useEnd } from './use-end.ts'

/** What was there when the page came does not move in, and is not read out; what comes after this does, and is. */
const SETTLED_MS = 300

export function Conversation({ messages }: { messages: readonly Message[] | undefined }) {
  const { ref, unseen, toEnd, onScroll } = useEnd(messages)
  const isSettled = useHasLasted(messages !== undefined, SETTLED_MS)
  return (
    <div className="conversation">
      <div
        className="log"
        ref={ref}
        onScroll={onScroll}
        role="log"
        aria-label="Messages"
        aria-live={isSettled ? 'polite' : 'off'}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
      >
        {messages === undefined ? (
          <Loading />
        ) : messages.length === 0 ? (
          <Empty />
        ) : (
          <Rows messages={messages} isSettled={isSettled} />
        )}
      </div>
      {unseen > 0 && (
        <button className="button unseen" type="button" onClick={toEnd}>
          <Icon name="down" />
          {unseen > 99 ? '99+' : unseen} new
        </button>
      )}
    </div>
  )
}

function Rows({ messages, isSettled }: { messages: readonly Message[]; isSettled: boolean }) {
  const now = useNow(60_000)
  return (
    <ol className="messages" data-settled={isSettled || undefined}>
      {messages.map((message, i) => {
        const previous = messages[i - 1]
        const isNewDay = previous === undefined || !isSameDay(previous.at, message.at)
        return (
          <Fragment key={message.id}>
            {isNewDay && (
              <li className="day">
                <span>{formatDay(message.at, now)}</span>
              </li>
            )}
            <MessageRow message={message} isContinued={isContinued(previous, message)} />
          </Fragment>
        )
      })}
    </ol>
  )
}

function Empty() {
  return (
    <div className="empty">
      <Mark />
      <p className="empty-title">Nothing said yet</p>
      <p>
        Messages appear here for everybody in the room, the moment they are written. Write the first one
        below, or publish it from a terminal.
      </p>
    </div>
  )
}

/** Shown only when loading takes longer than a moment: the style delays it. */
function Loading() {
  return (
    <div className="loading" aria-hidden="true">
      {[56, 72, 38, 64].map((percent) => (
        <div className="message" key={percent}>
          <span className="skeleton skeleton-avatar" />
          <div className="message-body">
            <span className="skeleton" style={{ width: '22%' }} />
            <span className="skeleton" style={{ width: `${percent}%` }} />
          </div>
        </div>
      ))}
    </div>
  )
}
