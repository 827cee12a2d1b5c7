// Hello as a page: which room, one client for it, the looks. What happens in the room is app.tsx.

import '@fontsource-variable/inter/wght.css'
import './looks/tokens.css'
import './looks/base.css'
import './looks/brand.css'
import './looks/hello.css'
import { type Channel, createClient } from '@tidings/client'
import { indexedDbStorage } from '@tidings/client/indexeddb'
import { sharedDial } from '@tidings/client/tabs'
import { TidingsProvider } from '@tidings/react'
import { StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { Hello } from './app.tsx'
import { hello } from './contract.ts'
import { NoSuchRoom } from './parts/index.ts'

declare global {
  interface Window {
    /** The room's channel, for the console: `room.on('said', console.log)`. */
    room: Channel<typeof hello.definition>
  }
}

const DEFAULT_ROOM = 'lobby'

/** Fills `element`. The room is `?room=` or what follows `/hello/` in the address. */
export function mount(element: HTMLElement, address: URL): void {
  const room = readRoom(address)
  document.title = `${room} · Hello`
  const page = isRoom(room) ? <RoomPage room={room} /> : <NoSuchRoom name={room} />
  createRoot(element).render(<StrictMode>{page}</StrictMode>)
}

// All tabs share one connection, and what is written in one outlives it.
const client = createClient({ dial: sharedDial(), outbox: { storage: indexedDbStorage() } })

function RoomPage({ room }: { room: string }) {
  useEffect(() => {
    window.room = client.channel(hello({ room }))
  }, [room])
  return (
    <TidingsProvider client={client}>
      <Hello room={room} />
    </TidingsProvider>
  )
}

function readRoom(address: URL): string {
  const [, segment = ''] = /^\/hello\/([^/]+)/.exec(address.pathname) ?? []
  return address.searchParams.get('room') || decode(segment) || DEFAULT_ROOM
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Whether the contract has a channel for it. */
function isRoom(room: string): boolean {
  try {
    hello({ room })
    return true
  } catch {
    return false
  }
}
