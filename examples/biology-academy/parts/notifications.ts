// The learner's notifications as the kit shows them, read and unread, and how many are unread.

import { useChannelState } from '@tidings/react'
import type { Notification, NotificationCategory } from '@tidings/ui/notification-center'
import { useMemo } from 'react'
import { type Dated, type NotificationMessage, studyNotifications } from '../contract.ts'
import { useAcademy } from './academy.tsx'
import { readStore, useKept } from './kept.ts'

export const categories: readonly NotificationCategory[] = [
  { id: 'info', name: 'Information' },
  { id: 'success', name: 'Achievements' },
  { id: 'warning', name: 'Deadlines and changes' },
  { id: 'error', name: 'Problems' },
]

export interface Notifications {
  /** Newest first; undefined: on their way. */
  readonly items: readonly Notification[] | undefined
  readonly unread: number
}

export function useNotifications(): Notifications {
  const { learner } = useAcademy()
  const messages = useChannelState(studyNotifications({ user: learner.userId }))
  const [read] = useKept(readStore)
  return useMemo(() => {
    const isRead = new Set(read)
    const items = messages?.map((message) => shown(message, isRead.has(message.id)))
    return { items, unread: items?.filter((each) => !each.isRead).length ?? 0 }
  }, [messages, read])
}

function shown(
  { id, at, title, message, type, actionUrl }: Dated<NotificationMessage>,
  isRead: boolean,
): Notification {
  return { id, at, title, description: message, category: type, variant: type, isRead, href: actionUrl }
}
