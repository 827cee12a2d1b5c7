// The messages of a room, oldest first, as a log that screen readers follow. Reading above the end is never disturbed.
// Before the room is known, what was written and could not leave yet is there all the same.

import { useOutbox } from '@tidings/react'
import { Fragment, useMemo } from 'react'
import type { Message } from '../contract.ts'
import { Icon, Mark } from './icon.tsx'
import { isContinued, MessageRow, type ShownMessage } from './message.tsx'
import { formatDay, isSameDay, useHasLasted, useNow } from './time.ts'
import { useEnd } from './use-end.ts'

/** What was there when the page came does not move in, and is not read out; what comes after this does, and is. */
const SETTLED_MS = 300

interface ConversationProps {
  /** By its name: whose waiting messages are shown. */
  readonly channel: string
  readonly messages: readonly Message[] | undefined
}

export function Conversation({ channel, messages }: ConversationProps) {
  const waiting = useWaiting(channel)
  const { ref, unseen, toEnd, onScroll } = useEnd(messages ?? waiting)
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
          <>
            <Loading />
            {waiting.length > 0 && <Waiting messages={waiting} />}
          </>
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

/** What waits for the server. Once the room is known it stands at the end of its messages. */
function useWaiting(channel: string): readonly ShownMessage[] {
  const { pending } = useOutbox()
  return useMemo(
    () =>
      pending
        .filter((write) => write.channel === channel)
        .map(({ id, data }) => {
          // Hello has one kind of event: every write is a message, and was checked when it was written.
          const { name, text } = data as Pick<Message, 'name' | 'text'>
          return { id, name, text, isPending: true }
        }),
    [pending, channel],
  )
}

function Waiting({ messages }: { messages: readonly ShownMessage[] }) {
  return (
    <ol className="messages">
      {messages.map((message, i) => (
        <MessageRow
          key={message.id}
          message={message}
          isContinued={i > 0 && messages[i - 1]?.name === message.name}
        />
      ))}
    </ol>
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
