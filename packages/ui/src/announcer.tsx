'use client'
// The two live regions through which the app speaks. Put it into the page once, near the root and before anything is
// said: a region has to be there, empty, before its first message.

import { useEffect, useId, useState, useSyncExternalStore } from 'react'
import { type Announcer as Announcements, appAnnouncer, type Spoken } from './announcements.ts'

export {
  type Announcement,
  type AnnounceOptions,
  type Announcer as Announcements,
  appAnnouncer,
  createAnnouncer,
  type Urgency,
} from './announcements.ts'

const SILENCE: Spoken = { polite: '', assertive: '' }

export function Announcer({ announcer = appAnnouncer }: { readonly announcer?: Announcements | undefined }) {
  const id = useId()
  const [region] = useState(() => ({ id }))
  useEffect(() => announcer.attach(region), [announcer, region])
  const spoken = useSyncExternalStore(announcer.spoken.subscribe, announcer.spoken.get, () => SILENCE)
  const { polite, assertive } = announcer.isSpeaker(region) ? spoken : SILENCE
  return (
    <div className="td-unseen" data-announcer="">
      <div role="status" aria-live="polite" aria-atomic="true">
        {polite}
      </div>
      <div role="alert" aria-live="assertive" aria-atomic="true">
        {assertive}
      </div>
    </div>
  )
}
