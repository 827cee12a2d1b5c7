// Where a message is written. It can be sent at any time: what cannot leave yet waits in the conversation.

import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { Icon } from './icon.tsx'
import { useName } from './name.ts'
import { useFocus } from './use-focus.ts'

const MAX_LENGTH = 500
/** With no more characters left than this, they are counted. */
const COUNT_BELOW = 100

interface ComposerProps {
  /** Throws when the message cannot even be queued; the text then stays in the field, with the reason below it. */
  readonly onSend: (text: string) => void
}

export function Composer({ onSend }: ComposerProps) {
  const [name, setName] = useName()
  const [text, setText] = useState('')
  const field = useFocus<HTMLTextAreaElement>()
  const [problem, setProblem] = useState('')
  // Nothing is cut off what was pasted: it stays whole until it is short enough.
  const left = MAX_LENGTH - text.trim().length

  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault()
    if (text.trim() === '') return
    if (left < 0) {
      setProblem(`${-left} characters too many: a message has ${MAX_LENGTH} at most.`)
      return
    }
    try {
      onSend(text.trim())
      setText('')
      setProblem('')
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }

  return (
    <form className="foot" onSubmit={submit}>
      <div className="field">
        <textarea
          ref={field}
          aria-label="Message"
          aria-describedby="composer-hint"
          dir="auto"
          rows={1}
          placeholder="Write a message"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setProblem('')
          }}
          onKeyDown={(event) => {
            // While an input method is composing, Enter belongs to it.
            if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event)
          }}
        />
        <button className="button" data-kind="main" type="submit" disabled={text.trim() === ''}>
          <Icon name="send" />
          Send
        </button>
      </div>
      <p className="foot-hint" id="composer-hint">
        <span className="foot-name">
          Writing as <bdi>{name}</bdi>
        </span>
        <button className="link" type="button" onClick={() => setName(undefined)}>
          Change name
        </button>
        {left <= COUNT_BELOW && (
          <span className="foot-count" data-over={left < 0 || undefined}>
            {left < 0 ? `${-left} characters too many` : `${left} characters left`}
          </span>
        )}
      </p>
      <p className="foot-problem" role="alert">
        {problem}
      </p>
    </form>
  )
}
