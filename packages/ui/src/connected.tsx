'use client'
// The same components, fed by the client of <TidingsProvider>: one line each in an app that uses @tidings/react.

import { useConnection, useOutbox } from '@tidings/react'
import { ConnectionStatus, type ConnectionStatusProps } from './connection-status.tsx'
import { OfflineBanner, type OfflineBannerProps } from './offline-banner.tsx'

type Fed<Props> = Omit<Props, 'connection' | 'queued' | 'onRetry' | 'onDisconnect'>

/** ConnectionStatus with the client's connection and outbox. */
export function ConnectedStatus(props: Fed<ConnectionStatusProps>) {
  const connection = useConnection()
  const { pending } = useOutbox()
  return (
    <ConnectionStatus
      connection={connection}
      queued={pending.length}
      onRetry={connection.reconnect}
      {...props}
    />
  )
}

/** OfflineBanner with the client's connection and outbox. */
export function ConnectedBanner(props: Fed<OfflineBannerProps>) {
  const connection = useConnection()
  const { pending } = useOutbox()
  return (
    <OfflineBanner
      connection={connection}
      queued={pending.length}
      onRetry={connection.reconnect}
      {...props}
    />
  )
}
