// Who is here. A list, not a live region: comings and goings are seen, not read out.

import { Avatar } from './avatar.tsx'
import { Icon } from './icon.tsx'

export interface Person {
  readonly id: string
  readonly state: { readonly name: string }
}

const MAX_SHOWN = 50

export function PeopleList({ people, you }: { people: readonly Person[]; you: string | undefined }) {
  return (
    <section className="card" aria-labelledby="people-title">
      <h2 className="card-title" id="people-title">
        Here now <span className="count">{people.length}</span>
      </h2>
      {people.length === 0 ? (
        <p className="card-note">Nobody has joined yet.</p>
      ) : (
        <ul className="people">
          {people.slice(0, MAX_SHOWN).map(({ id, state }) => (
            <li key={id} className="person">
              <Avatar name={state.name} />
              <bdi className="person-name" title={state.name}>
                {state.name}
              </bdi>
              {id === you && <span className="note">you</span>}
            </li>
          ))}
          {people.length > MAX_SHOWN && <li className="card-note">and {people.length - MAX_SHOWN} more</li>}
        </ul>
      )}
    </section>
  )
}

const MAX_FACES = 3

/** The same on a phone: a few faces and a number. */
export function PeopleFaces({ people }: { people: readonly Person[] }) {
  return (
    <span className="faces">
      {people.length === 0 && <Icon name="people" />}
      {people.slice(0, MAX_FACES).map(({ id, state }) => (
        <Avatar key={id} name={state.name} />
      ))}
      <span className="faces-count">
        {people.length} <span className="only-for-screen-readers">here: show who</span>
      </span>
    </span>
  )
}
