// What is said at the edge of the page: what matters, when it happens, in one of a person's tabs.

import { oncePerPerson } from '@tidings/client/tabs'
import { toast } from '@tidings/ui/toaster'
import { useWebSocketMessage } from '../hooks/use-web-socket-message.ts'
import { useAcademy } from './academy.tsx'
import { markRead } from './kept.ts'
import { navigate } from './router.ts'

const toastOnce = oncePerPerson('biology-academy toast')

export function Toasts() {
  const { socket, source } = useAcademy()
  useWebSocketMessage(socket, 'notification', (note, event) => {
    const { id, title, message, type, priority, actionUrl, actionText } = note
    // What is of low priority waits in the list.
    if (priority === 'low') return
    const action =
      actionUrl && actionText ? { label: actionText, onPress: () => follow(id, actionUrl) } : undefined
    const show = () =>
      void toast(title, {
        id,
        variant: type,
        description: message,
        durationMs: 7_000,
        ...(action && { action }),
      })
    if (source === 'tidings') toastOnce(event, show)
    else if (event.origin === 'live') show()
  })
  return null
}

function follow(id: string, address: string): void {
  markRead([id], true)
  if (address.startsWith('/')) navigate(address)
  else window.open(address, '_blank', 'noopener')
}
