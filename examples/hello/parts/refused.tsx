// What the server refused, with its reason: to send again, or to let go. Empty most of the time.

import type { PublicationStatus } from '@tidings/client'
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
  return (
    <div className="refused-list" role="alert">
      {writes.map(
        ({ id, data, status }) =>
          status.name === 'refused' && (
            <div className="refused" key={id}>
              <Icon name="alert" />
              <div className="refused-words">
                <p className="refused-reason">Not sent. {status.error.message}</p>
                <p className="refused-text" dir="auto">
                  {data.text}
                </p>
              </div>
              <div className="refused-actions">
                <button className="button" type="button" onClick={() => onRetry(id)}>
                  Send again
                </button>
                <button className="button" data-kind="quiet" type="button" onClick={() => onDiscard(id)}>
                  Discard
                </button>
              </div>
            </div>
          ),
      )}
    </div>
  )
}
