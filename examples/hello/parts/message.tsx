// One message. Rows of one person within a few minutes stand together under one name.

import type { Message } from '../contract.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icon.tsx'
import { formatTime, isSameDay } from './time.ts'

const TOGETHER_MS = 5 * 60_000

/** Whether `message` goes on where `previous` left off. */
export function isContinued(previous: Message | undefined, message: Message): boolean {
  return (
    previous !== undefined &&
    previous.name === message.name &&
    previous.by === message.by &&
    message.at - previous.at < TOGETHER_MS &&
    isSameDay(previous.at, message.at)
  )
}

/** One that waits has no time yet before the room is known. */
export type ShownMessage = Pick<Message, 'id' | 'name' | 'text' | 'isPending'> &
  Partial<Pick<Message, 'at' | 'by'>>

interface MessageRowProps {
  readonly message: ShownMessage
  readonly isContinued: boolean
}

export function MessageRow({ message, isContinued }: MessageRowProps) {
  const { name, text, at, by, isPending } = message
  const isFromBackend = by === undefined && !isPending
  return (
    <li className="message" data-continued={isContinued || undefined} data-pending={isPending || undefined}>
      {!isContinued && <Avatar name={name} />}
      <div className="message-body">
        <p className={isContinued ? 'only-for-screen-readers' : 'message-head'}>
          <bdi className="message-name">{name}</bdi>
          {isFromBackend && <span className="note">from a backend</span>}
          {at !== undefined && <time dateTime={new Date(at).toISOString()}>{formatTime(at)}</time>}
        </p>
        <p className="message-text" dir="auto">
          {text}
        </p>
        {isPending && (
          <p className="message-pending">
            <Icon name="clock" />
            waiting to send
          </p>
        )}
      </div>
    </li>
  )
}
