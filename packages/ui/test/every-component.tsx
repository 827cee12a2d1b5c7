// One of every component, with something to show: what a server renders, and a page takes over.

import { createClient } from '@tidings/client'
import { TidingsProvider } from '@tidings/react'
import { ActivityFeed } from '@tidings/ui/activity-feed'
import { Announcer } from '@tidings/ui/announcer'
import { Badge, NotificationBadge, StatusBadge } from '@tidings/ui/badge'
import { ConnectedBanner, ConnectedStatus } from '@tidings/ui/connected'
import { ConnectionDot, ConnectionPanel, ConnectionStatus } from '@tidings/ui/connection-status'
import { ContinuityNotice } from '@tidings/ui/continuity-notice'
import { EmptyState } from '@tidings/ui/empty-state'
import { Highlight } from '@tidings/ui/highlight'
import { LiveBadge } from '@tidings/ui/live-badge'
import { MovingList } from '@tidings/ui/moving-list'
import { Bell, NotificationBell, NotificationCenter } from '@tidings/ui/notification-center'
import { NotificationPreferencesForm, SoundControl } from '@tidings/ui/notification-preferences'
import { OfflineBanner } from '@tidings/ui/offline-banner'
import { defaultPreferences } from '@tidings/ui/preferences'
import { Avatar, PresenceAvatars, PresenceList } from '@tidings/ui/presence-avatars'
import { UiProvider } from '@tidings/ui/provider'
import { RelativeTime } from '@tidings/ui/relative-time'
import { Skeleton, SkeletonRows } from '@tidings/ui/skeleton'
import { createSound } from '@tidings/ui/sound'
import { Toaster } from '@tidings/ui/toaster'

const HOUR_MS = 3_600_000

/** At a moment of its own, in milliseconds since 1970. */
export function EveryComponent({ now }: { readonly now: number }) {
  const at = now - HOUR_MS
  const people = [{ id: 'ada', name: 'Ada' }]
  const items = [{ id: '1', at, title: 'Draft approved', category: 'goals', isRead: false }]
  const down = { status: 'reconnecting', reason: 'network', attempt: 2, retryAt: now + 5_000 } as const
  return (
    <>
      <Announcer />
      <ActivityFeed activities={[{ id: '1', at, actor: 'Ada', content: 'began' }]} label="Goal" />
      <ActivityFeed activities={undefined} label="Goal" />
      <Badge>New</Badge>
      <StatusBadge>Open</StatusBadge>
      <NotificationBadge count={1_200} />
      <TidingsProvider client={client}>
        <ConnectedBanner />
        <ConnectedStatus />
      </TidingsProvider>
      <ConnectionDot connection={down} />
      <ConnectionPanel connection={down} queued={2} onRetry={() => undefined} />
      <ConnectionStatus connection={down} />
      <ContinuityNotice missed={3} since={at} summary={[{ label: 'goals', count: 3 }]} />
      <EmptyState title="Nothing yet" />
      <Highlight value={1}>42</Highlight>
      <LiveBadge show />
      <MovingList items={people} idOf={({ id }) => id} label="Ranks">
        {({ name }) => name}
      </MovingList>
      <Bell unread={3} />
      <NotificationBell notifications={items} />
      <NotificationCenter notifications={items} onRead={() => undefined} onReadAll={() => undefined} />
      <NotificationPreferencesForm
        preferences={defaultPreferences}
        onChange={() => undefined}
        categories={[{ id: 'goals', name: 'Goals' }]}
        sound={sound}
      />
      <OfflineBanner connection={{ status: 'error', reason: 'policy' }} queued={1} />
      <SoundControl sound={sound} isOn onChange={() => undefined} />
      <Avatar name="Ada" />
      <PresenceAvatars people={people} />
      <PresenceList people={people} />
      <UiProvider locale="de">
        <RelativeTime at={at} />
      </UiProvider>
      <RelativeTime at={at} />
      <Skeleton />
      <SkeletonRows label="Loading" />
      <Toaster />
    </>
  )
}

const sound = createSound()
/** It dials nothing: nobody here asks for a channel. */
const client = createClient({ url: 'ws://localhost/v1/socket' })
