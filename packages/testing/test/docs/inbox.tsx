import { useChannelState, useConnection, usePublish } from '@tidings/react'
import { inbox } from './contract.ts'

export function Inbox({ user }: { user: string }) {
  const channel = inbox({ user })
  const notices = useChannelState(channel) ?? []
  const { publish } = usePublish(channel, 'cleared')
  const { status } = useConnection()
  return (
    <main>
      {status !== 'connected' && <p role="status">Not connected</p>}
      <ul>
        {notices.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
      <button type="button" onClick={() => publish({})}>
        Clear
      </button>
    </main>
  )
}
