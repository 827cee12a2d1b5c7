'use client'
// What reaches a person, by category; quiet hours; and the sound with its state, which is one of the browser's moods.

import { useId } from 'react'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'
import { type PreferenceLabels, preferenceLabels } from './labels.ts'
import type { NotificationCategory } from './notification-center.tsx'
import { type Channels, type NotificationPreferences, wantedFor } from './preferences.ts'
import { useLabels } from './settings.ts'
import { type Sound, type SoundState, useSoundState } from './sound.ts'
import { Switch } from './switch.tsx'

export interface NotificationPreferencesFormProps {
  readonly preferences: NotificationPreferences
  readonly onChange: (preferences: NotificationPreferences) => void
  readonly categories: readonly NotificationCategory[]
  /** Undefined: this app has none. */
  readonly sound?: Sound | undefined
  readonly labels?: Partial<PreferenceLabels> | undefined
}

const channels = ['toast', 'badge', 'sound'] as const satisfies readonly (keyof Channels)[]

export function NotificationPreferencesForm(props: NotificationPreferencesFormProps) {
  const { preferences, onChange, categories, sound, labels } = props
  const words = useLabels('preferences', preferenceLabels, labels)
  const { quietHours } = preferences
  const shownChannels = sound ? channels : channels.filter((channel) => channel !== 'sound')
  const setChannel = (category: string, channel: keyof Channels, isOn: boolean) => {
    const before = wantedFor(preferences, category)
    onChange({
      ...preferences,
      categories: { ...preferences.categories, [category]: { ...before, [channel]: isOn } },
    })
  }
  return (
    <div className="td-preferences">
      <table className="td-channels">
        <caption>{words.channels}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="td-unseen">{words.category}</span>
            </th>
            {shownChannels.map((channel) => (
              <th key={channel} scope="col">
                {words[channel]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {categories.map(({ id, name }) => (
            <tr key={id}>
              <th scope="row">{name}</th>
              {shownChannels.map((channel) => (
                <td key={channel}>
                  <label className="td-check">
                    <input
                      type="checkbox"
                      aria-label={`${name}: ${words[channel]}`}
                      checked={wantedFor(preferences, id)[channel]}
                      onChange={({ target }) => setChannel(id, channel, target.checked)}
                    />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div className="td-preference">
        <Switch
          label={words.quietHours}
          hint={words.quietHint}
          isOn={quietHours.isOn}
          onChange={(isOn) => onChange({ ...preferences, quietHours: { ...quietHours, isOn } })}
        />
        {quietHours.isOn && (
          <div className="td-hours">
            <TimeField
              label={words.from}
              value={quietHours.from}
              onChange={(from) => onChange({ ...preferences, quietHours: { ...quietHours, from } })}
            />
            <TimeField
              label={words.to}
              value={quietHours.to}
              onChange={(to) => onChange({ ...preferences, quietHours: { ...quietHours, to } })}
            />
          </div>
        )}
      </div>
      {sound && (
        <div className="td-preference">
          <SoundControl
            sound={sound}
            isOn={preferences.isSoundOn}
            onChange={(isSoundOn) => {
              sound.setMuted(!isSoundOn)
              onChange({ ...preferences, isSoundOn })
            }}
            labels={labels}
          />
        </div>
      )}
    </div>
  )
}

export interface SoundControlProps {
  readonly sound: Sound
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly labels?: Partial<PreferenceLabels> | undefined
}

/** The switch, the state in words, and a button that plays it, which unlocks it as well. */
export function SoundControl({ sound, isOn, onChange, labels }: SoundControlProps) {
  const words = useLabels('preferences', preferenceLabels, labels)
  const state = useSoundState(sound)
  const hints: Record<SoundState, string> = {
    locked: words.soundLocked,
    ready: words.soundReady,
    muted: words.soundMuted,
    unsupported: words.soundUnsupported,
  }
  return (
    <div className="td-sound" data-state={state}>
      <Switch
        label={words.soundOn}
        hint={hints[state]}
        isOn={isOn && state !== 'unsupported'}
        isDisabled={state === 'unsupported'}
        onChange={onChange}
      />
      {state !== 'unsupported' && (
        <Button disabled={!isOn} onClick={() => void sound.unlock().then(() => sound.play())}>
          <Icon name={state === 'muted' ? 'muted' : 'sound'} />
          {words.testSound}
        </Button>
      )}
    </div>
  )
}

interface TimeFieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

function TimeField({ label, value, onChange }: TimeFieldProps) {
  const id = useId()
  return (
    <div className="td-hour">
      <label htmlFor={id}>{label}</label>
      <input
        className="td-field"
        id={id}
        type="time"
        value={value}
        // An emptied field is no time; the last one stays.
        onChange={({ target }) => target.value !== '' && onChange(target.value)}
      />
    </div>
  )
}
