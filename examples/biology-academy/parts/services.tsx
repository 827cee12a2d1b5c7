// The systems of the academy: how they are, and how they were at the last checks.

import { useChannelState } from '@tidings/react'
import { StatusBadge } from '@tidings/ui/badge'
import { type Dated, type SystemStatus, systemStatus } from '../contract.ts'
import { Icon, type IconName } from './icon.tsx'

type State = SystemStatus['status']
type Service = keyof SystemStatus['services']

export const stateWords: Readonly<
  Record<
    State,
    {
      readonly word: string
      readonly line: string
      readonly variant: 'success' | 'warning' | 'info' | 'error'
    }
  >
> = {
  operational: { word: 'Operational', line: 'All systems work', variant: 'success' },
  degraded: { word: 'Degraded', line: 'Some pages are slower than usual', variant: 'warning' },
  maintenance: { word: 'Maintenance', line: 'Planned work is under way', variant: 'info' },
  outage: { word: 'Outage', line: 'The academy cannot be used at the moment', variant: 'error' },
}

const services: Readonly<
  Record<Service, { readonly name: string; readonly about: string; readonly icon: IconName }>
> = {
  api: { name: 'Course API', about: 'Lessons, quizzes, sign-in', icon: 'api' },
  database: { name: 'Database', about: 'Progress and results', icon: 'database' },
  cache: { name: 'Cache', about: 'Fast pages and search', icon: 'cache' },
  storage: { name: 'Storage', about: 'Microscope images and uploads', icon: 'storage' },
}

const SHOWN = 40

/** The newest at the end; undefined: on their way. */
export const useSystemStatus = (): readonly Dated<SystemStatus>[] | undefined =>
  useChannelState(systemStatus())

export function Services({
  trail,
  isBrief = false,
}: {
  readonly trail: readonly Dated<SystemStatus>[]
  readonly isBrief?: boolean
}) {
  const now = trail.at(-1)
  if (!now) return null
  return (
    <ul className="services" data-brief={isBrief || undefined}>
      {(Object.keys(services) as Service[]).map((service) => {
        const { name, about, icon } = services[service]
        const isUp = now.services[service]
        return (
          <li className="service" key={service}>
            <span className="service-icon">
              <Icon name={icon} />
            </span>
            <span className="service-words">
              <b>{name}</b>
              {!isBrief && <span>{about}</span>}
            </span>
            {!isBrief && <Checks trail={trail} service={service} />}
            <StatusBadge size="sm" variant={isUp ? 'success' : 'warning'}>
              {isUp ? 'Up' : 'Down'}
            </StatusBadge>
          </li>
        )
      })}
    </ul>
  )
}

function Checks({
  trail,
  service,
}: {
  readonly trail: readonly Dated<SystemStatus>[]
  readonly service: Service
}) {
  const shown = trail.slice(-SHOWN)
  const failed = shown.filter(({ services }) => !services[service]).length
  return (
    <span className="checks" role="img" aria-label={`${failed} of the last ${shown.length} checks failed`}>
      {Array.from({ length: SHOWN - shown.length }, (_, i) => (
        <span key={`none-${i}`} className="check" data-none="" />
      ))}
      {shown.map(({ at, lastCheck, services }) => (
        <span key={`${at}-${lastCheck}`} className="check" data-failed={!services[service] || undefined} />
      ))}
    </span>
  )
}
