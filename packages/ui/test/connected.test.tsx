// @vitest-environment happy-dom
// The components that read the client by themselves.

import { act, fireEvent, screen } from '@testing-library/react'
import type { Client, ConnectionState } from '@tidings/client'
import { TidingsProvider } from '@tidings/react'
import { ConnectedBanner, ConnectedStatus } from '@tidings/ui/connected'
import { expect, test, vi } from 'vitest'
import { advance, openStage } from './stage.tsx'

/** As much of a client as the components use. */
function fakeClient(first: ConnectionState) {
  let state = first
  let pending: readonly object[] = []
  const listeners = new Set<() => void>()
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const reconnect = vi.fn()
  const client = {
    connection: { get: () => state, subscribe },
    outbox: { get: () => pending, subscribe, clear: () => 0 },
    reconnect,
    disconnect: () => undefined,
  } as unknown as Client
  return {
    client,
    reconnect,
    change(next: ConnectionState, queued: number) {
      state = next
      pending = Array.from({ length: queued }, () => ({}))
      act(() => {
        for (const listener of [...listeners]) listener()
      })
    },
  }
}

test('status and banner follow the client, count what waits, and try again', async () => {
  const idle: ConnectionState = { status: 'disconnected', reason: 'idle', attempt: 0, retryAt: undefined }
  const { client, change, reconnect } = fakeClient(idle)
  const page = openStage().show(
    <TidingsProvider client={client}>
      <ConnectedStatus />
      <ConnectedBanner />
    </TidingsProvider>,
  )
  expect(screen.getByRole('button', { name: 'Not connected' })).toBeTruthy()
  expect(page.querySelector('.td-banner')).toBeNull()
  change({ status: 'reconnecting', reason: 'network', attempt: 1, retryAt: undefined }, 2)
  await advance(5_000)
  expect(page.querySelector('.td-banner')?.textContent).toContain('Waiting to be sent: 2.')
  fireEvent.click(screen.getByRole('button', { name: 'Try now' }))
  expect(reconnect).toHaveBeenCalledOnce()
})
