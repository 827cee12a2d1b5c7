// The bell: what there is to be told, read and unread in all tabs alike, by the person's wishes.

import { useQuery } from '@tanstack/react-query'
import { useChannelState, useEvent, usePublish } from '@tidings/react'
import { useQuerySync } from '@tidings/react/query'
import type { Variant } from '@tidings/ui/badge'
import { type AppNotification, type NotificationCategory, notifications } from '../contract.ts'
import { preferences, usePreferences } from '../preferences.ts'
import { notificationsQuery } from '../queries.ts'
import { navigate } from '../route.ts'
import { tellOnce } from './once.ts'

export interface RealtimeNotifications {
  /** Newest first; undefined while they are on their way. */
  readonly items: readonly AppNotification[] | undefined
  /** Of the categories that may count. */
  readonly unread: number
  readonly problem: string | undefined
  readonly markRead: (id: string, isRead: boolean) => void
  readonly markAllRead: () => void
  readonly retry: () => void
}

export const variants: Readonly<Record<NotificationCategory, Variant>> = {
  job_alert: 'primary',
  application: 'success',
  recommendation: 'info',
  social: 'default',
  system: 'warning',
}

export function useRealtimeNotifications(user: string): RealtimeNotifications {
  const channel = notifications({ user })
  const read = usePublish(channel, 'notification:read')
  const readAll = usePublish(channel, 'notifications:read_all')
  useQuerySync(channel)
  useEvent(channel, 'notification:new', (added, event) => {
    const { actionUrl, actionLabel = 'Open' } = added
    tellOnce(event, added.category, {
      title: added.title,
      description: added.description,
      variant: variants[added.category],
      id: `notification ${added.id}`,
      action:
        actionUrl === undefined ? undefined : { label: actionLabel, onPress: () => navigate(actionUrl) },
    })
  })
  const query = useQuery(notificationsQuery(user))
  // The channel has it sooner, with what was read a moment ago; without it there is what was fetched.
  const items = useChannelState(channel) ?? query.data
  usePreferences()
  const counts = (category: string) => preferences.get().categories[category]?.badge !== false
  return {
    items,
    unread: items?.filter(({ is_read, category }) => !is_read && counts(category)).length ?? 0,
    problem: items === undefined ? query.error?.message : undefined,
    markRead: (id, isRead) => void read.publish({ id, is_read: isRead }),
    markAllRead: () => void readAll.publish({}),
    retry: () => void query.refetch(),
  }
}
