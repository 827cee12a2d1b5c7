// Notifications as they come, read and unread, by kind.

import { NotificationCenter } from '@tidings/ui/notification-center'
import { useAcademy } from '../parts/academy.tsx'
import { Card, Waiting } from '../parts/card.tsx'
import { markRead } from '../parts/kept.ts'
import { categories, useNotifications } from '../parts/notifications.ts'

export function Notifications() {
  const { items } = useNotifications()
  const { isCutOff } = useAcademy()
  if (items === undefined && isCutOff) {
    return (
      <Card title="For you">
        <Waiting lines={6} />
      </Card>
    )
  }
  return (
    <div className="notifications">
      <div className="card card-flush">
        <NotificationCenter
          notifications={items}
          categories={categories}
          onRead={(id, isRead) => markRead([id], isRead)}
          onReadAll={() => markRead(items?.map(({ id }) => id) ?? [], true)}
          labels={{ title: 'For you' }}
        />
      </div>
    </div>
  )
}
