// All of it in one dashboard.

import { PresenceAvatars } from '@tidings/ui/presence-avatars'
import { RelativeTime } from '@tidings/ui/relative-time'
import { useAcademy } from '../parts/academy.tsx'
import { Card, Waiting } from '../parts/card.tsx'
import { Chart } from '../parts/chart.tsx'
import { useGroups } from '../parts/groups.tsx'
import { useNotifications } from '../parts/notifications.ts'
import { oneDigit } from '../parts/numbers.ts'
import { addressOf, type PageName } from '../parts/router.ts'
import { Services, stateWords, useSystemStatus } from '../parts/services.tsx'
import { CurrentSession, MetricTiles, useStudyMetrics } from '../parts/study-metrics.tsx'

const SHOWN = 4

export function Overview() {
  const trail = useStudyMetrics()
  return (
    <div className="overview">
      <MetricTiles trail={trail} />
      <Card title="Course progress" className="overview-wide" aside={<More to="metrics" name="Metrics" />}>
        <CurrentSession now={trail?.at(-1)} />
        <Chart
          values={trail?.map(({ progress }) => progress) ?? []}
          label="Course progress"
          format={(value) => `${oneDigit(value)} %`}
          empty={trail ? 'The line begins with your next two updates.' : <Waiting lines={3} />}
        />
      </Card>
      <SystemCard />
      <GroupsCard />
      <NewsCard />
    </div>
  )
}

function More({ to, name }: { readonly to: PageName; readonly name: string }) {
  return (
    <a className="more" href={addressOf(to)}>
      All <span className="td-unseen">of {name}</span>
    </a>
  )
}

function SystemCard() {
  const trail = useSystemStatus()
  const now = trail?.at(-1)
  const { isCutOff: isStale } = useAcademy()
  return (
    <Card title="Systems" aside={<More to="status" name="System status" />}>
      {trail === undefined ? (
        <Waiting lines={5} />
      ) : now === undefined ? (
        <p className="quiet">The first check shows here.</p>
      ) : (
        <>
          <p className="systems-line" data-state={now.status}>
            <span className="state-mark" data-state={isStale ? 'unknown' : now.status} />
            {isStale ? `At the last check: ${stateWords[now.status].line}` : stateWords[now.status].line}
          </p>
          <Services trail={trail} isBrief />
        </>
      )}
    </Card>
  )
}

function GroupsCard() {
  const { learner } = useAcademy()
  const { groups } = useGroups()
  const busiest = groups
    ?.filter(({ people }) => people.length > 0)
    .toSorted((a, b) => Number(b.isMine) - Number(a.isMine))
    .slice(0, SHOWN)
  return (
    <Card
      title="Studying together"
      className="overview-wide"
      aside={<More to="sessions" name="Study sessions" />}
    >
      {busiest === undefined ? (
        <Waiting lines={4} />
      ) : busiest.length === 0 ? (
        <p className="quiet">Nobody studies at the moment. Choose a topic, and others see you there.</p>
      ) : (
        <ul className="rows">
          {busiest.map(({ topic, unit, people, isMine }) => (
            <li className="row" key={topic} data-mine={isMine || undefined}>
              <span className="row-words">
                <b>{topic}</b>
                <span>{isMine ? 'You study this' : unit}</span>
              </span>
              <PresenceAvatars people={people} you={learner.userId} max={3} size={26} align="end" />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function NewsCard() {
  const { items } = useNotifications()
  return (
    <Card title="Latest" aside={<More to="notifications" name="Notifications" />}>
      {items === undefined ? (
        <Waiting lines={4} />
      ) : items.length === 0 ? (
        <p className="quiet">Feedback, deadlines and invitations show here.</p>
      ) : (
        <ul className="rows">
          {items.slice(0, SHOWN).map(({ id, title, at, isRead, variant }) => (
            <li className="row news" key={id}>
              <span className="news-mark" data-variant={variant} data-unread={!isRead || undefined} />
              <span className="row-words">
                <b>
                  {!isRead && <span className="td-unseen">Unread: </span>}
                  {title}
                </b>
                <span>
                  <RelativeTime at={at} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
