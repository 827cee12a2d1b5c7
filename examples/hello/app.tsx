import { useChannelState, usePresence, usePublish } from '@tidings/react'
import { hello } from './contract.ts'
import { Composer, Conversation, NameForm, Refused, Room, useName } from './parts/index.ts'

export function Hello({ room }: { room: string }) {
  const channel = hello({ room })
  const [name, setName] = useName()
  const people = usePresence(channel, name ? { name } : undefined)
  const messages = useChannelState(channel)
  const { publish, writes, retry, dismiss } = usePublish(channel, 'said')
  return (
    <Room name={room} people={people}>
      <Conversation channel={channel.name} messages={messages} />
      <Refused writes={writes} onRetry={retry} onDiscard={dismiss} />
      {name ? <Composer onSend={(text) => publish({ name, text })} /> : <NameForm onName={setName} />}
    </Room>
  )
}
