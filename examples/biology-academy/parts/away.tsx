// What came while the page was cut off, in one line; and where nobody kept it, that something is missing.

import { ContinuityNotice } from '@tidings/ui/continuity-notice'
import { useEffect, useState } from 'react'
import { channelFor, type MessageType, messageTypes } from '../client/messages.ts'
import { useAcademy } from './academy.tsx'

const labels: Readonly<Partial<Record<MessageType, string>>> = {
  study_metrics_update: 'metrics',
  collaborative_session_update: 'study sessions',
  notification: 'notifications',
  system_status: 'system checks',
}

type Missed = Readonly<Partial<Record<MessageType, number>>>

export function Away() {
  const { socket, learner } = useAcademy()
  const { client } = socket
  const [missed, setMissed] = useState<Missed>({})
  const [hasGap, setHasGap] = useState(false)
  useEffect(() => {
    setMissed({})
    setHasGap(false)
    const cancels = messageTypes.map((type) =>
      client.on(type, (_, { origin }) => {
        if (origin === 'replay') setMissed((before) => ({ ...before, [type]: (before[type] ?? 0) + 1 }))
      }),
    )
    for (const type of messageTypes)
      cancels.push(client.tidings.channel(channelFor[type](learner.userId)).onReset(() => setHasGap(true)))
    return () => {
      for (const cancel of cancels) cancel()
    }
  }, [client, learner.userId])
  const summary = messageTypes.flatMap((type) => {
    const label = labels[type]
    const count = missed[type] ?? 0
    return label && count > 0 ? [{ label, count }] : []
  })
  const count = summary.reduce((sum, each) => sum + each.count, 0)
  return (
    <ContinuityNotice
      missed={count}
      summary={summary}
      hasGap={hasGap}
      onDismiss={() => {
        setMissed({})
        setHasGap(false)
      }}
    />
  )
}
