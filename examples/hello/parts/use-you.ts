// The public name of this page's client, by which it knows its own messages. It is kept while the connection is gone.

import { useConnection } from '@tidings/react'
import { useState } from 'react'

export function useYou(): string | undefined {
  const now = useConnection((state) => (state.status === 'connected' ? state.you : undefined))
  const [last, setLast] = useState(now)
  if (now !== undefined && now !== last) setLast(now)
  return now ?? last
}
