'use client'
// What reaches a person, and how: by category a toast, the badge, a sound; and hours in which nothing rings. Pure: an
// app keeps the preferences where it likes (localStorage, its server), reads them with `parsePreferences`, and asks
// `channelsFor` before it shows anything.

export interface Channels {
  readonly toast: boolean
  readonly badge: boolean
  readonly sound: boolean
}

export interface NotificationPreferences {
  /** By category; one that is not named here has everything on. */
  readonly categories: Readonly<Record<string, Channels>>
  /** Off until somebody wants it. */
  readonly isSoundOn: boolean
  readonly quietHours: QuietHours
}

export interface QuietHours {
  readonly isOn: boolean
  /** `HH:MM`, local time. Where `to` is the earlier one, the hours go past midnight. */
  readonly from: string
  readonly to: string
}

export const ALL_CHANNELS: Channels = { toast: true, badge: true, sound: true }

export const defaultPreferences: NotificationPreferences = {
  categories: {},
  isSoundOn: false,
  quietHours: { isOn: false, from: '22:00', to: '07:00' },
}

/** What is wanted of a category, quiet hours aside. */
export function wantedFor({ categories }: NotificationPreferences, category: string): Channels {
  return Object.hasOwn(categories, category) ? (categories[category] ?? ALL_CHANNELS) : ALL_CHANNELS
}

/** What a notification of that category may do at that moment. */
export function channelsFor(preferences: NotificationPreferences, category: string, at: number): Channels {
  const wanted = wantedFor(preferences, category)
  const isQuiet = isQuietAt(preferences.quietHours, at)
  return {
    toast: wanted.toast && !isQuiet,
    badge: wanted.badge,
    sound: wanted.sound && preferences.isSoundOn && !isQuiet,
  }
}

export function isQuietAt({ isOn, from, to }: QuietHours, at: number): boolean {
  if (!isOn || from === to) return false
  const now = new Date(at)
  const time = `${String(now.getHours()).padStart(2, '0')}:${String(now.getMinutes()).padStart(2, '0')}`
  return from < to ? time >= from && time < to : time >= from || time < to
}

/** What was stored, or whatever else is in that place: parts that are not as they should be become the default. */
export function parsePreferences(stored: unknown): NotificationPreferences {
  const { categories, isSoundOn, quietHours } = recordOf(stored)
  const { isOn, from, to } = recordOf(quietHours)
  const defaults = defaultPreferences.quietHours
  return {
    categories: Object.fromEntries(
      Object.entries(recordOf(categories)).map(([category, channels]) => [category, parseChannels(channels)]),
    ),
    isSoundOn: isSoundOn === true,
    quietHours: {
      isOn: isOn === true,
      from: isTime(from) ? from : defaults.from,
      to: isTime(to) ? to : defaults.to,
    },
  }
}

function parseChannels(stored: unknown): Channels {
  const { toast, badge, sound } = recordOf(stored)
  return { toast: toast !== false, badge: badge !== false, sound: sound !== false }
}

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value)

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
