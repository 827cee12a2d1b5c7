// A component that calls every hook that reads, and shows what each of them says.

import {
  useChannel,
  useChannelState,
  useConnection,
  useEvent,
  useOutbox,
  usePresence,
  usePublish,
  useSignal,
  useYou,
} from '@tidings/react'
import { lobby } from './lobby.ts'

export function Everything() {
  const { status } = useConnection()
  const isOnline = useConnection((connection) => connection.status === 'connected')
  const { continuity } = useChannel(lobby(), { after: 'start' })
  const messages = useChannelState(lobby())
  const count = useChannelState(lobby(), (state) => ({ count: state.length }))
  const you = useYou()
  const { total, self } = usePresence(lobby(), { name: 'Ada' })
  const { pending } = useOutbox()
  const { writes } = usePublish(lobby(), 'said')
  useSignal(lobby(), 'typing', () => undefined)
  useEvent(lobby(), '*', () => undefined)
  const shown = {
    status,
    isOnline,
    continuity: continuity.status,
    texts: messages?.map(({ text }) => text),
    count: count?.count,
    you,
  }
  return (
    <p>
      {JSON.stringify({ ...shown, total, self: self?.id, pending: pending.length, writes: writes.length })}
    </p>
  )
}

/** What it shows on a server, and in the first render of a page. */
export const FIRST = {
  status: 'disconnected',
  isOnline: false,
  continuity: 'idle',
  total: 0,
  pending: 0,
  writes: 0,
}
