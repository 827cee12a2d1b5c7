'use client'
// Who is here: a few faces and a number for the eye, names for the ear, all of them behind a press. Comings and goings
// are seen, not read out.

import { Avatar } from './avatar.tsx'
import { formatNumber } from './format.ts'
import { type PresenceLabels, presenceLabels } from './labels.ts'
import { Popover } from './popover.tsx'
import { useLabels, useSettings } from './settings.ts'

export { Avatar, type AvatarProps } from './avatar.tsx'

export interface Person {
  readonly id: string
  readonly name: string
  readonly imageUrl?: string | undefined
  /** Default: `active`. */
  readonly status?: 'active' | 'idle' | 'away' | undefined
}

export interface PresenceAvatarsProps {
  readonly people: readonly Person[]
  /** Where only some are known by name: how many there are in all. */
  readonly total?: number | undefined
  /** The one who looks on. */
  readonly you?: string | undefined
  /** Faces at most. Default: 4. */
  readonly max?: number | undefined
  readonly size?: number | undefined
  readonly align?: 'start' | 'end' | undefined
  readonly labels?: Partial<PresenceLabels> | undefined
}

const MAX_LISTED = 50

export function PresenceAvatars(props: PresenceAvatarsProps) {
  const { people, total = people.length, max = 4, size = 28, align, labels } = props
  const words = useLabels('presence', presenceLabels, labels)
  const { locale } = useSettings()
  const number = (value: number) => formatNumber(locale, value)
  if (total === 0) return <p className="td-presence-nobody">{words.nobody}</p>
  // One hidden face would take the room of the face itself.
  const faces = people.slice(0, people.length === max + 1 && total === people.length ? max + 1 : max)
  const label = words.here(number(total))
  return (
    <Popover
      className="td-presence"
      label={label}
      align={align}
      trigger={(trigger) => (
        <button type="button" className="td-presence-button" {...trigger}>
          <span className="td-unseen">{label}</span>
          {faces.map((person) => (
            <span className="td-presence-face" key={person.id} data-status={person.status ?? 'active'}>
              <Avatar name={person.name} imageUrl={person.imageUrl} size={size} />
            </span>
          ))}
          {total > faces.length && (
            <span className="td-presence-rest td-tabular" aria-hidden="true">
              +{number(total - faces.length)}
            </span>
          )}
        </button>
      )}
    >
      {() => <PresenceList {...props} />}
    </Popover>
  )
}

/** The same as a list with names. */
export function PresenceList({ people, total = people.length, you, labels }: PresenceAvatarsProps) {
  const words = useLabels('presence', presenceLabels, labels)
  const { locale } = useSettings()
  const listed = people.slice(0, MAX_LISTED)
  const label = words.here(formatNumber(locale, total))
  return (
    // biome-ignore lint/a11y/useSemanticElements: nothing of a form
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has nothing else in it that takes the focus
    <div className="td-presence-list" role="group" aria-label={label} tabIndex={0}>
      <p className="td-presence-title">{label}</p>
      <ul aria-label={label}>
        {listed.map(({ id, name, imageUrl, status = 'active' }) => (
          <li className="td-presence-person" key={id} data-status={status}>
            <span className="td-presence-face" data-status={status}>
              <Avatar name={name} imageUrl={imageUrl} size={24} />
            </span>
            <bdi className="td-presence-name" title={name}>
              {name}
            </bdi>
            {id === you && <span className="td-presence-you">{words.you}</span>}
            {status !== 'active' && <span className="td-presence-status">{words[status]}</span>}
          </li>
        ))}
        {total > listed.length && (
          <li className="td-presence-more">{words.more(formatNumber(locale, total - listed.length))}</li>
        )}
      </ul>
    </div>
  )
}
