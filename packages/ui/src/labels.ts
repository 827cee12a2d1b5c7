// Every word that the kit says, in English: the one file to read for a translation. A component takes its own set as
// `labels`, in part or whole; <UiProvider labels> gives all of them at once. Numbers and times come in as text, written
// in the reader's locale.

export interface ConnectionLabels {
  readonly title: string
  readonly connecting: string
  readonly connected: string
  readonly reconnecting: string
  readonly offline: string
  readonly disconnected: string
  readonly error: string
  /** What the state means for the person, in a sentence. */
  readonly explainConnected: string
  readonly explainConnecting: string
  readonly explainReconnecting: string
  readonly explainOffline: string
  readonly explainDisconnected: string
  readonly explainError: string
  readonly latency: string
  readonly latencyValue: (milliseconds: string) => string
  readonly queued: string
  readonly nothingQueued: string
  readonly queuedInBanner: (count: string) => string
  readonly nextAttempt: string
  readonly attempts: string
  readonly inSeconds: (seconds: string) => string
  readonly now: string
  readonly retryIn: (seconds: string) => string
  readonly retryingNow: string
  readonly retryNow: string
  readonly disconnect: string
  readonly backOnline: string
}

export const connectionLabels: ConnectionLabels = {
  title: 'Connection',
  connecting: 'Connecting',
  connected: 'Connected',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
  disconnected: 'Not connected',
  error: 'Cannot connect',
  explainConnected: 'Changes arrive as they happen.',
  explainConnecting: 'The first answer of the server is on its way.',
  explainReconnecting: 'No answer from the server. What you do waits here and is sent when it is back.',
  explainOffline: 'This device is offline. What you do waits here and is sent when it is back.',
  explainDisconnected: 'The connection was closed. Nothing new arrives until you connect again.',
  explainError: 'The server cannot be used at the moment.',
  latency: 'Round trip',
  latencyValue: (milliseconds) => `${milliseconds} ms`,
  queued: 'Waiting to be sent',
  nothingQueued: 'Nothing',
  queuedInBanner: (count) => `Waiting to be sent: ${count}.`,
  nextAttempt: 'Next attempt',
  attempts: 'Failed attempts',
  inSeconds: (seconds) => `in ${seconds} s`,
  now: 'now',
  retryIn: (seconds) => `Trying again in ${seconds} s.`,
  retryingNow: 'Trying again now.',
  retryNow: 'Try now',
  disconnect: 'Disconnect',
  backOnline: 'Connected again. Everything is up to date.',
}

export interface ToasterLabels {
  readonly region: string
  readonly close: string
}

export const toasterLabels: ToasterLabels = { region: 'Messages', close: 'Close' }

export interface BadgeLabels {
  readonly unread: (count: string) => string
  readonly more: (max: string) => string
  readonly live: string
  readonly updated: string
}

export const badgeLabels: BadgeLabels = {
  unread: (count) => `${count} unread`,
  more: (max) => `${max}+`,
  live: 'Live',
  updated: 'Updated',
}

export interface NotificationLabels {
  readonly title: string
  readonly bell: string
  readonly bellUnread: (count: string) => string
  readonly all: string
  readonly unread: string
  readonly categories: string
  readonly allCategories: string
  readonly markRead: string
  readonly markUnread: string
  readonly markAllRead: string
  readonly isUnread: string
  readonly newWaiting: (count: string) => string
  readonly more: string
  readonly empty: string
  readonly emptyHint: string
  readonly emptyUnread: string
  readonly emptyUnreadHint: string
  readonly loading: string
  readonly failed: string
  readonly retry: string
  readonly settings: string
  readonly back: string
}

export const notificationLabels: NotificationLabels = {
  title: 'Notifications',
  bell: 'Notifications',
  bellUnread: (count) => `Notifications, ${count} unread`,
  all: 'All',
  unread: 'Unread',
  categories: 'Category',
  allCategories: 'All categories',
  markRead: 'Mark as read',
  markUnread: 'Mark as unread',
  markAllRead: 'Mark all as read',
  isUnread: 'Unread',
  newWaiting: (count) => `${count} new`,
  more: 'Show more',
  empty: 'Nothing yet',
  emptyHint: 'What concerns you appears here as it happens.',
  emptyUnread: 'All read',
  emptyUnreadHint: 'There is nothing that you have not seen.',
  loading: 'Loading notifications',
  failed: 'The notifications could not be loaded.',
  retry: 'Try again',
  settings: 'Preferences',
  back: 'Back to notifications',
}

export interface PreferenceLabels {
  readonly title: string
  readonly channels: string
  readonly category: string
  readonly toast: string
  readonly badge: string
  readonly sound: string
  readonly quietHours: string
  readonly quietHint: string
  readonly from: string
  readonly to: string
  readonly soundOn: string
  readonly soundLocked: string
  readonly soundReady: string
  readonly soundMuted: string
  readonly soundUnsupported: string
  readonly testSound: string
}

export const preferenceLabels: PreferenceLabels = {
  title: 'Preferences',
  channels: 'What reaches you, and how',
  category: 'Category',
  toast: 'Toast',
  badge: 'Badge',
  sound: 'Sound',
  quietHours: 'Quiet hours',
  quietHint: 'No toasts and no sound; the bell still counts.',
  from: 'From',
  to: 'To',
  soundOn: 'Play a sound',
  soundLocked: 'The browser allows sound after your first click.',
  soundReady: 'A short chime, once, in one tab.',
  soundMuted: 'Muted on this device.',
  soundUnsupported: 'This browser cannot play it.',
  testSound: 'Play it',
}

export interface FeedLabels {
  readonly newWaiting: (count: string) => string
  readonly more: string
  readonly empty: string
  readonly emptyHint: string
  readonly loading: string
  readonly today: string
  readonly yesterday: string
}

export const feedLabels: FeedLabels = {
  newWaiting: (count) => `${count} new`,
  more: 'Show more',
  empty: 'No activity yet',
  emptyHint: 'What people do here appears as it happens.',
  loading: 'Loading activity',
  today: 'Today',
  yesterday: 'Yesterday',
}

export interface ContinuityLabels {
  readonly away: (count: string) => string
  readonly since: (time: string) => string
  readonly gap: string
  readonly gapHint: string
  readonly catchingUp: string
  readonly show: string
  readonly dismiss: string
}

export const continuityLabels: ContinuityLabels = {
  away: (count) => `While you were away: ${count}`,
  since: (time) => `since ${time}`,
  gap: 'Some of what happened is no longer kept',
  gapHint: 'What you see is the present state; the steps in between are missing.',
  catchingUp: 'Catching up',
  show: 'Show',
  dismiss: 'Dismiss',
}

export interface PresenceLabels {
  readonly here: (count: string) => string
  readonly nobody: string
  readonly more: (count: string) => string
  readonly you: string
  readonly active: string
  readonly idle: string
  readonly away: string
}

export const presenceLabels: PresenceLabels = {
  here: (count) => `Here now: ${count}`,
  nobody: 'Nobody else is here',
  more: (count) => `and ${count} more`,
  you: 'you',
  active: 'active',
  idle: 'idle',
  away: 'away',
}

/** All sets, by the name under which <UiProvider labels> takes them. */
export interface LabelSets {
  readonly connection: ConnectionLabels
  readonly toaster: ToasterLabels
  readonly badge: BadgeLabels
  readonly notifications: NotificationLabels
  readonly preferences: PreferenceLabels
  readonly feed: FeedLabels
  readonly continuity: ContinuityLabels
  readonly presence: PresenceLabels
}
