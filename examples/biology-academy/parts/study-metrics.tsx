// Hours, progress, streak: three numbers, and how they came about.

import { useChannelState } from '@tidings/react'
import { Highlight } from '@tidings/ui/highlight'
import { type Dated, type StudyMetrics, studyMetrics } from '../contract.ts'
import { useAcademy } from './academy.tsx'
import { Ring } from './chart.tsx'
import { Icon } from './icon.tsx'
import { oneDigit, whole } from './numbers.ts'

const DAYS = 14

/** The newest at the end; undefined: on their way. */
export function useStudyMetrics(): readonly Dated<StudyMetrics>[] | undefined {
  const { learner } = useAcademy()
  return useChannelState(studyMetrics({ user: learner.userId }))
}

export function MetricTiles({ trail }: { readonly trail: readonly Dated<StudyMetrics>[] | undefined }) {
  const { isCutOff } = useAcademy()
  const now = trail?.at(-1)
  return (
    <dl className="tiles" aria-busy={now === undefined && !isCutOff}>
      <Tile name="Study time" value={now && oneDigit(now.studyHours)} unit="hours" note="in all, this term">
        <span className="tile-mark">
          <Icon name="clock" />
        </span>
      </Tile>
      <Tile name="Progress" value={now && whole(now.progress)} unit="%" note="of first-year biology">
        <Ring percent={now?.progress ?? 0} />
      </Tile>
      <Tile
        name="Streak"
        value={now && whole(now.streak)}
        unit={now?.streak === 1 ? 'day' : 'days'}
        note="in a row, today included"
      >
        <Days streak={now?.streak ?? 0} />
      </Tile>
    </dl>
  )
}

interface TileProps {
  readonly name: string
  readonly value: string | undefined
  readonly unit: string
  readonly note: string
  readonly children: React.ReactNode
}

function Tile({ name, value, unit, note, children }: TileProps) {
  return (
    <Highlight className="tile" value={value}>
      <dt className="tile-name">{name}</dt>
      <dd className="tile-value">
        <b>{value ?? '–'}</b> <span>{unit}</span>
      </dd>
      <dd className="tile-note">{note}</dd>
      <dd className="tile-picture">{children}</dd>
    </Highlight>
  )
}

/** The last two weeks, a day each. */
function Days({ streak }: { readonly streak: number }) {
  return (
    <span className="days" aria-hidden="true">
      {Array.from({ length: DAYS }, (_, i) => (
        <span key={i} className="day" data-studied={DAYS - i <= streak || undefined} />
      ))}
    </span>
  )
}

/** What is studied at the moment. */
export function CurrentSession({ now }: { readonly now: Dated<StudyMetrics> | undefined }) {
  if (!now?.currentTopic) return null
  return (
    <p className="current">
      <span className="current-mark">
        <Icon name="leaf" />
      </span>
      <span className="current-words">
        <span className="current-label">Studying now</span>
        <b>{now.currentTopic}</b>
      </span>
      <span className="current-time">
        <b className="td-tabular">{whole(now.sessionDuration)}</b> min
      </span>
    </p>
  )
}
