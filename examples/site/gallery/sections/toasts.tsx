// Toasts on demand, and what was said about them.

import { appAnnouncer } from '@tidings/ui/announcer'
import { dismissToast, type ToastOptions, toast } from '@tidings/ui/toaster'
import { useSyncExternalStore } from 'react'
import { Section, Specimen } from '../specimen.tsx'

const toasts: readonly (readonly [name: string, title: string, options: ToastOptions])[] = [
  ['Plain', 'Draft saved', {}],
  [
    'Match',
    'Hydrology data engineer',
    {
      variant: 'primary',
      description: 'Waterschap Rijnland · 92 % match',
      action: { label: 'View', onPress: () => undefined },
    },
  ],
  ['Success', 'Offer from Nordlys Energi', { variant: 'success', description: 'Grid analyst, Trondheim' }],
  ['Info', 'Interview moved to Thursday, 10:30', { variant: 'info' }],
  ['Warning', 'Two of five readings are missing', { variant: 'warning' }],
  [
    'Error',
    'Your note was not saved',
    { variant: 'error', description: 'It is longer than 10,000 characters. Shorten it and save again.' },
  ],
  [
    'Long',
    'Maria-Theresia Aurelia von Wolkenstein-Hohenfels und zu Rabenau has joined',
    { description: 'https://example.com/a-very-long-address-without-any-place-to-break-it-0123456789' },
  ],
]

export function ToastsSection() {
  const said = useSyncExternalStore(appAnnouncer.spoken.subscribe, appAnnouncer.log)
  return (
    <Section
      id="toasts"
      title="Toasts"
      entry="toaster, announcer"
      about="They wait while you read, hover or hold the focus in them; errors and questions stay until you close them. One announcer speaks for all of it, one sentence at a time."
    >
      <Specimen title="Show one" note="Alt+T moves the focus to the toasts" span={3}>
        <div className="buttons">
          {toasts.map(([name, title, options]) => (
            <button
              key={name}
              type="button"
              className="td-button"
              onClick={() => toast(title, { ...options, id: name })}
            >
              {name}
            </button>
          ))}
          <button type="button" className="td-button" data-kind="quiet" onClick={() => dismissToast()}>
            Close all
          </button>
        </div>
      </Specimen>
      <Specimen title="What a screen reader was told" span={3} fill="edge">
        <ol className="said" aria-label="What was said">
          {said.length === 0 && <li className="said-nothing">Nothing yet. Show a toast.</li>}
          {said
            .slice(-6)
            .reverse()
            .map(({ text, urgency, at }) => (
              <li key={`${at} ${text}`}>
                <span className="said-urgency">{urgency}</span>
                {text}
              </li>
            ))}
        </ol>
      </Specimen>
    </Section>
  )
}
