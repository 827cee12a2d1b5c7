// How anything else speaks in this room: the line to paste into a terminal. The key stays in the shell; no page holds one.

import { systemClock } from '@tidings/core'
import { useEffect, useState } from 'react'
import { Icon } from './icon.tsx'

const COPIED_MS = 2_000

export function Backend({ room }: { room: string }) {
  const line = curlLine(room, window.location.origin)
  return (
    <section className="card" aria-labelledby="backend-title">
      <h2 className="card-title" id="backend-title">
        From a backend
      </h2>
      <p className="card-note">Any language speaks here over HTTP. In the folder where the server was started:</p>
      <pre className="code" tabIndex={0} role="region" aria-label="Command to publish a message">
        <code>{line}</code>
      </pre>
      <CopyButton text={line} />
    </section>
  )
}

/** Works as pasted in the folder that holds the server's data. */
export function curlLine(room: string, origin: string): string {
  return [
    `curl ${origin}/v1/channels/hello%2F${encodeURIComponent(room)}/events`,
    `  -H "Authorization: Bearer $(cat .tidings/api-key)"`,
    `  -H "Content-Type: application/json"`,
    `  -d '{"type":"said","data":{"name":"Terminal","text":"Hello from curl"}}'`,
  ].join(' \\\n')
}

export function CopyButton({ text }: { text: string }) {
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => (isCopied ? systemClock.setTimer(COPIED_MS, () => setIsCopied(false)) : undefined), [isCopied])
  // Pages that are not served from this machine or over TLS have no clipboard; the line can be selected.
  if (!navigator.clipboard) return null
  return (
    <button className="button" type="button" onClick={() => void navigator.clipboard.writeText(text).then(() => setIsCopied(true))}>
      <Icon name={isCopied ? 'check' : 'copy'} />
      <span aria-live="polite">{isCopied ? 'Copied' : 'Copy the command'}</span>
    </button>
  )
}
