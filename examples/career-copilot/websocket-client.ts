// The product's own client, by the names that its team knows: connect, subscribe, send, getStatus. Everything behind
// them is the client of @tidings/client; a page that uses its hooks needs none of this.

import type { Channel, Client, ConnectionState } from '@tidings/client'
import type { ChannelRef } from '@tidings/core'
import { applications, jobs, notifications } from './contract.ts'

export type WebSocketStatus = ConnectionState['status']

export interface WebSocketClient {
  readonly connect: () => void
  readonly disconnect: () => void
  /** Hears the events of that name, of whatever channel; returns how to stop. */
  readonly subscribe: (event: string, handler: (data: unknown) => void) => () => void
  /** Waits in the queue while there is no connection. Throws for an event that the contract does not know. */
  readonly send: (event: string, data: unknown) => void
  readonly getStatus: () => WebSocketStatus
  readonly isConnected: () => boolean
  readonly onStatusChange: (listener: (status: WebSocketStatus) => void) => () => void
}

export function webSocketClient(client: Client, user: string): WebSocketClient {
  const refs: readonly ChannelRef[] = [jobs({ user }), applications({ user }), notifications({ user })]
  const channelOf = (event: string): Channel => {
    const ref = refs.find(({ definition }) => Object.hasOwn(definition.events, event))
    if (!ref) throw new TypeError(`The contract knows no event "${event}".`)
    return client.channel(ref)
  }
  const getStatus = () => client.connection.get().status
  return {
    connect: () => client.connect(),
    disconnect: () => client.disconnect(),
    subscribe: (event, handler) => channelOf(event).on(event, (data) => handler(data)),
    // The channel's schema checks what it is given.
    send: (event, data) => void channelOf(event).publish(event, data as never),
    getStatus,
    isConnected: () => getStatus() === 'connected',
    onStatusChange(listener) {
      let last = getStatus()
      return client.connection.subscribe(() => {
        const status = getStatus()
        if (status === last) return
        last = status
        listener(status)
      })
    },
  }
}
