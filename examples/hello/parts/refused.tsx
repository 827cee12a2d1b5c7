// What the server refused, with its reason: to send again, or to let go; also what was written before the page was loaded.
// Empty most of the time.

import type { PublicationStatus } from '@tidings/client'
import { useOutbox } from '@tidings/react'
import { Icon } from './icon.tsx'

interface Write {
  readonly id: string
  readonly data: { readonly text: string }
  readonly status: PublicationStatus
}

interface RefusedProps {
  /** Those that wait or are on their way are shown in the conversation, not here. */
  readonly writes: readonly Write[]
  readonly onRetry: (id: string) => void
  readonly onDiscard: (id: string) => void
}

export function Refused({ writes, onRetry, onDiscard }: RefusedProps) {
  const { refused, dismiss } = useOutbox()
  return (
    <div className="refused-list" role="alert">
      {refused.map((write) => (
        <Row
          key={`${write.channel} ${write.id}`}
          status={write.status.get()}
          // Hello has one kind of event: every write has a text.
          text={(write.data as Write['data']).text}
          onDiscard={() => dismiss(write)}
        />
      ))}
      {writes.map(({ id, data, status }) => (
        <Row
          key={id}
          status={status}
          text={data.text}
          onRetry={() => onRetry(id)}
          onDiscard={() => onDiscard(id)}
        />
      ))}
    </div>
  )
}

interface RowProps {
  readonly status: PublicationStatus
  readonly text: string
  readonly onRetry?: () => void
  readonly onDiscard: () => void
}

function Row({ status, text, onRetry, onDiscard }: RowProps) {
  if (status.name !== 'refused') return null
  return (
    <div className="refused">
      <Icon name="alert" />
      <div className="refused-words">
        <p className="refused-reason">Not sent. {status.error.message}</p>
        <p className="refused-text" dir="auto">
          {text}
        </p>
      </div>
      <div className="refused-actions">
        {onRetry && (
          <button className="button" type="button" onClick={onRetry}>
            Send again
          </button>
        )}
        <button className="button" data-kind="quiet" type="button" onClick={onDiscard}>
          Discard
        </button>
      </div>
    </div>
  )
}
