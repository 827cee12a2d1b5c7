// The frame of a room: who and where above, the conversation in the middle, who is here at its side. On a phone the
// side folds away under a button.

import { useYou } from '@tidings/react'
import { type ReactNode, useState } from 'react'
import { Backend } from './backend.tsx'
import { ConnectionMark, ConnectionNotice } from './connection.tsx'
import { Mark } from './icon.tsx'
import { type People, PeopleFaces, PeopleList } from './people.tsx'

interface RoomProps {
  readonly name: string
  readonly people: People
  readonly children: ReactNode
}

export function Room({ name, people, children }: RoomProps) {
  const [isSideOpen, setIsSideOpen] = useState(false)
  const you = useYou()
  return (
    <div className="page">
      <header className="head">
        <a className="brand" href="/">
          <Mark />
          Hello
        </a>
        <span className="head-slash" aria-hidden="true">
          /
        </span>
        <h1 className="room-name" title={name}>
          {name}
        </h1>
        <ConnectionMark />
        <button
          className="button side-button"
          data-kind="quiet"
          type="button"
          aria-expanded={isSideOpen}
          aria-controls="side"
          onClick={() => setIsSideOpen(!isSideOpen)}
        >
          <PeopleFaces people={people} />
        </button>
      </header>
      <ConnectionNotice />
      <main className="main">{children}</main>
      <aside className="side" id="side" data-open={isSideOpen || undefined}>
        <PeopleList people={people} you={you} />
        <Backend room={name} />
      </aside>
    </div>
  )
}
