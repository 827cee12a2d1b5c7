// Shared study sessions: who else studies this topic, and how one joins them.

import { Badge } from '@tidings/ui/badge'
import { EmptyState } from '@tidings/ui/empty-state'
import { PresenceAvatars, PresenceList } from '@tidings/ui/presence-avatars'
import { useAcademy } from '../parts/academy.tsx'
import { Card, Waiting } from '../parts/card.tsx'
import { type Group, useGroups } from '../parts/groups.tsx'

/** One is not there oneself: nobody else would be too many. */
const nobodyYet = { nobody: 'Nobody yet' }

export function Sessions() {
  const { groups, isStartPending } = useGroups()
  const mine = groups?.find(({ isMine }) => isMine)
  const units = [...new Set(groups?.map(({ unit }) => unit))]
  return (
    <div className="sessions">
      <div className="stack">
        {groups === undefined && (
          <Card title="Topics">
            <Waiting lines={8} />
          </Card>
        )}
        {units.map((unit) => (
          <Card title={unit} key={unit}>
            <ul className="rows">
              {groups
                ?.filter((group) => group.unit === unit)
                .map((group) => (
                  <Topic key={group.topic} group={group} />
                ))}
            </ul>
          </Card>
        ))}
      </div>
      <Mine group={mine} isStartPending={isStartPending} />
    </div>
  )
}

function Topic({ group }: { readonly group: Group }) {
  const { learner, study } = useAcademy()
  const { topic, about, people, isMine } = group
  return (
    <li className="row" data-mine={isMine || undefined}>
      <span className="row-words">
        <b>{topic}</b>
        <span>{about}</span>
      </span>
      <span className="row-people">
        <PresenceAvatars
          people={people}
          you={learner.userId}
          max={2}
          size={26}
          align="end"
          labels={nobodyYet}
        />
      </span>
      <button
        type="button"
        className="td-button"
        data-kind={isMine ? 'quiet' : undefined}
        aria-label={isMine ? `Leave ${topic}` : `Study ${topic}`}
        onClick={() => study(isMine ? undefined : topic)}
      >
        {isMine ? 'Leave' : 'Study'}
      </button>
    </li>
  )
}

function Mine({
  group,
  isStartPending,
}: {
  readonly group: Group | undefined
  readonly isStartPending: boolean
}) {
  const { learner, source, isCutOff } = useAcademy()
  const others = group
    ? group.people.length - (group.people.some(({ id }) => id === learner.userId) ? 1 : 0)
    : 0
  return (
    <aside className="mine" aria-label="Your session">
      <section className="card">
        <header className="card-head">
          <h2 className="card-title">{group ? 'Your session' : 'Nobody studies alone'}</h2>
          {isStartPending && <Badge size="sm">Waits for the connection</Badge>}
        </header>
        {group ? (
          <>
            <p className="mine-topic">{group.topic}</p>
            <p className="quiet" role="status">
              {isCutOff ? 'Who is here is not known at the moment.' : company(others)}
            </p>
            {!isCutOff && <PresenceList people={group.people} you={learner.userId} />}
          </>
        ) : (
          <EmptyState title="Choose a topic">You see who else studies it, and they see you.</EmptyState>
        )}
        {source === 'plain' && (
          <p className="mine-note">A plain server says who takes part, but not who has this page open.</p>
        )}
      </section>
    </aside>
  )
}

function company(others: number): string {
  if (others === 0) return 'You are the first one here.'
  return `${others} ${others === 1 ? 'other studies' : 'others study'} this with you.`
}
