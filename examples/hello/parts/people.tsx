// Who is here. A list, not a live region: comings and goings are seen, not read out. Before the server has told, nobody
// knows, and the list says so.

import { Avatar } from './avatar.tsx'
import { Icon } from './icon.tsx'

export interface Person {
  readonly id: string
  readonly state: { readonly name: string }
}

/** Who is here, as far as the server has told. */
export interface People {
  readonly total: number
  readonly members: readonly Person[]
  /** False before the server has told. */
  readonly isComplete: boolean
}

const isKnown = ({ total, isComplete }: People) => isComplete || total > 0

const MAX_SHOWN = 50

export function PeopleList({ people, you }: { people: People; you: string | undefined }) {
  const { total, members } = people
  return (
    <section className="card" aria-labelledby="people-title">
      <h2 className="card-title" id="people-title">
        Here now {isKnown(people) && <span className="count">{total}</span>}
      </h2>
      {!isKnown(people) ? (
        <p className="card-note">Not known at the moment.</p>
      ) : total === 0 ? (
        <p className="card-note">Nobody has joined yet.</p>
      ) : (
        <ul className="people">
          {members.slice(0, MAX_SHOWN).map(({ id, state }) => (
            <li key={id} className="person">
              <Avatar name={state.name} />
              <bdi className="person-name" title={state.name}>
                {state.name}
              </bdi>
              {id === you && <span className="note">you</span>}
            </li>
          ))}
          {total > MAX_SHOWN && <li className="card-note">and {total - MAX_SHOWN} more</li>}
        </ul>
      )}
    </section>
  )
}

const MAX_FACES = 3

/** The same on a phone: a few faces and a number. */
export function PeopleFaces({ people }: { people: People }) {
  const { total, members } = people
  return (
    <span className="faces">
      {members.length === 0 && <Icon name="people" />}
      {members.slice(0, MAX_FACES).map(({ id, state }) => (
        <Avatar key={id} name={state.name} />
      ))}
      <span className="faces-count">
        {isKnown(people) ? total : '–'}{' '}
        <span className="only-for-screen-readers">
          {isKnown(people) ? 'here: show who' : 'not known who is here: show'}
        </span>
      </span>
    </span>
  )
}
