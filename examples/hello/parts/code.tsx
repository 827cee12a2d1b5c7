// A command to paste: it scrolls sideways where it does not fit, and copies with one press.

import { systemClock } from '@tidings/core'
import { useEffect, useState } from 'react'
import { Icon } from './icon.tsx'

const COPIED_MS = 2_000

export function Code({ label, text }: { label: string; text: string }) {
  return (
    <>
      <figure className="code" aria-label={label}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
        <pre tabIndex={0}>
          <code>{text}</code>
        </pre>
      </figure>
      <CopyButton text={text} />
    </>
  )
}

function CopyButton({ text }: { text: string }) {
  const [isCopied, setIsCopied] = useState(false)
  useEffect(
    () => (isCopied ? systemClock.setTimer(COPIED_MS, () => setIsCopied(false)) : undefined),
    [isCopied],
  )
  // A page that comes neither from this machine nor over TLS has no clipboard; there the line is selected by hand.
  if (!navigator.clipboard) return null
  return (
    <button
      className="button"
      type="button"
      onClick={() => void navigator.clipboard.writeText(text).then(() => setIsCopied(true))}
    >
      <Icon name={isCopied ? 'check' : 'copy'} />
      <span aria-live="polite">{isCopied ? 'Copied' : 'Copy the command'}</span>
    </button>
  )
}
