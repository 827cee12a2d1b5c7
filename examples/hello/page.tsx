// Hello as a page: which room, one client for it, the looks. What happens in the room is app.tsx.

import '@fontsource-variable/inter/wght.css'
import './looks/tokens.css'
import './looks/base.css'
import './looks/brand.css'
import './looks/hello.css'
import { createClient } from '@tidings/client'
import { TidingsProvider } from '@tidings/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Hello } from './app.tsx'
import { hello } from './contract.ts'
import { NoSuchRoom } from './parts/index.ts'

const DEFAULT_ROOM = 'lobby'

/** Fills `element`. The room is `?room=` or what follows `/hello/` in the address. */
export function mount(element: HTMLElement, address: URL): void {
  const room = readRoom(address)
  document.title = `${room} · Hello`
  createRoot(element).render(
    <StrictMode>
      {isRoom(room) ? (
        <TidingsProvider client={createClient()}>
          <Hello room={room} />
        </TidingsProvider>
      ) : (
        <NoSuchRoom name={room} />
      )}
    </StrictMode>,
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
