// The bell and what is behind it.

import {
  Bell,
  type Notification,
  NotificationBell,
  NotificationCenter,
} from '@tidings/ui/notification-center'
import { NotificationPreferencesForm } from '@tidings/ui/notification-preferences'
import { defaultPreferences } from '@tidings/ui/preferences'
import { createSound } from '@tidings/ui/sound'
import { useState } from 'react'
import { type Content, categories } from '../content.ts'
import { Section, Specimen } from '../specimen.tsx'

const sound = createSound()
const silent = createSound({ context: () => undefined })
void silent.unlock()

export function NotificationsSection({ content }: { content: Content }) {
  return (
    <Section
      id="notifications"
      title="Notifications"
      entry="notification-center, notification-preferences, sound"
      about="What concerns one person: unread first in weight, never in place. New ones wait above while somebody reads. Each category says how it may reach you, and the night is yours."
    >
      <Specimen title="Bell" note="With its panel: press the first one" span={6}>
        <div className="in-a-row" data-wide="">
          <Live content={content} />
          <Bell unread={0} />
          <Bell unread={7} />
          <Bell unread={128} />
        </div>
      </Specimen>
      <Specimen title="Loading" span={3} fill="edge">
        <NotificationCenter notifications={undefined} />
      </Specimen>
      <Specimen title="Could not be loaded" span={3} fill="edge">
        <NotificationCenter
          notifications={undefined}
          problem="The server did not answer within 10 s."
          onRetry={() => undefined}
        />
      </Specimen>
      <Specimen title="List" span={3} fill="edge">
        <LiveCenter content={content} />
      </Specimen>
      <Specimen title="Preferences" span={3} fill="edge">
        <Preferences />
      </Specimen>
      <Specimen title="Empty" span={3} fill="edge">
        <NotificationCenter notifications={[]} categories={categories} onReadAll={() => undefined} />
      </Specimen>
      <Specimen title="A device without sound" span={3} fill="edge">
        <NotificationPreferencesForm
          preferences={defaultPreferences}
          onChange={() => undefined}
          categories={categories.slice(0, 2)}
          sound={silent}
        />
      </Specimen>
    </Section>
  )
}

function useNotifications({ notifications }: Content) {
  const [items, setItems] = useState<readonly Notification[]>(notifications)
  return {
    notifications: items,
    categories,
    onRead: (id: string, isRead: boolean) =>
      setItems(items.map((item) => (item.id === id ? { ...item, isRead } : item))),
    onReadAll: () => setItems(items.map((item) => ({ ...item, isRead: true }))),
    add: () =>
      setItems([
        {
          id: `new ${Date.now()}`,
          at: Date.now(),
          title: '88 % match: Tide-gauge technician',
          description: 'Kystverket, Ålesund · on site',
          category: 'jobs',
          isRead: false,
          variant: 'primary',
        },
        ...items,
      ]),
  }
}

function Live({ content }: { content: Content }) {
  const { add, ...props } = useNotifications(content)
  return <NotificationBell {...props} align="start" preferences={<Preferences />} />
}

function LiveCenter({ content }: { content: Content }) {
  const { add, ...props } = useNotifications(content)
  return (
    <>
      <NotificationCenter {...props} preferences={<Preferences />} />
      <div className="stage-foot">
        <button type="button" className="td-button" onClick={add}>
          Let one arrive
        </button>
      </div>
    </>
  )
}

function Preferences() {
  const [preferences, setPreferences] = useState({
    ...defaultPreferences,
    quietHours: { ...defaultPreferences.quietHours, isOn: true },
  })
  return (
    <NotificationPreferencesForm
      preferences={preferences}
      onChange={setPreferences}
      categories={categories}
      sound={sound}
    />
  )
}
