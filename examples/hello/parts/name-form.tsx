// Asks for a name, in the place where messages are written later: one can read before one has one.

import { type FormEvent, useState } from 'react'
import { useFocus } from './use-focus.ts'

const MAX_LENGTH = 80

export function NameForm({ onName }: { onName: (name: string) => void }) {
  const [text, setText] = useState('')
  const field = useFocus<HTMLInputElement>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '') onName(text.trim())
  }
  return (
    <form className="foot" onSubmit={submit}>
      <label className="foot-label" htmlFor="name">
        What should the others call you?
      </label>
      <div className="field">
        <input
          ref={field}
          id="name"
          dir="auto"
          autoComplete="nickname"
          maxLength={MAX_LENGTH}
          placeholder="Your name"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button className="button" data-kind="main" type="submit" disabled={text.trim() === ''}>
          Join
        </button>
      </div>
    </form>
  )
}
