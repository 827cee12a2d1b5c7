// How the person wants to be told, kept in localStorage under `notificationPreferences`, and the sound that goes with it.

import { channelsFor, parsePreferences } from '@tidings/ui/preferences'
import { createSound } from '@tidings/ui/sound'
import { useSyncExternalStore } from 'react'
import type { NotificationCategory } from './contract.ts'
import { stored } from './stored.ts'

export const preferences = stored('notificationPreferences', parsePreferences)

export const categoryNames: Readonly<Record<NotificationCategory, string>> = {
  job_alert: 'Job matches',
  application: 'Applications',
  recommendation: 'Advice',
  social: 'People',
  system: 'System',
}

export const sound = createSound()

export const usePreferences = () => useSyncExternalStore(preferences.subscribe, preferences.get)

export const wishesFor = (category: NotificationCategory) =>
  channelsFor(preferences.get(), category, Date.now())
