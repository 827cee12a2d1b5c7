// So many components that all show the same stream: `?client=tidings&components=10`. By Tidings' hooks, or by
// socket.io-client and a state in each component, as people write it. Renders, frames and blocked time are counted.

import { createClient } from '@tidings/client'
import { TidingsProvider, useChannelState } from '@tidings/react'
import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { io } from 'socket.io-client'
import { board } from './contract.ts'

export interface Tally {
  /** Events that the component which has seen fewest has seen. */
  events: number
  renders: number
  frames: number
  /** Milliseconds in tasks of more than 50. */
  blockedMs: number
}

declare global {
  interface Window {
    tally: Tally
  }
}

const tally: Tally = { events: 0, renders: 0, frames: 0, blockedMs: 0 }
window.tally = tally

new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) tally.blockedMs += duration
}).observe({ entryTypes: ['longtask'] })

const countFrame = () => {
  tally.frames++
  requestAnimationFrame(countFrame)
}
requestAnimationFrame(countFrame)

const query = new URLSearchParams(location.search)
const names = Array.from({ length: Number(query.get('components')) }, (_, i) => `panel-${i}`)
const seen = new Map<string, number>(names.map((name) => [name, 0]))

/** What both kinds of components show. */
function Shown({ name, count, latest }: { name: string; count: number; latest: readonly number[] }) {
  useEffect(() => {
    tally.renders++
    seen.set(name, count)
    tally.events = Math.min(...seen.values())
  })
  return (
    <p>
      {name}: {count}, {latest.join(' ')}
    </p>
  )
}

const channel = board({ id: 'one' })

function ByTidings({ name }: { name: string }) {
  const state = useChannelState(channel)
  return <Shown name={name} count={state?.count ?? 0} latest={state?.latest ?? []} />
}

const socket = query.get('client') === 'socket.io' ? io({ transports: ['websocket'] }) : undefined

function BySocketIo({ name }: { name: string }) {
  const [state, setState] = useState<{ count: number; latest: readonly number[] }>({ count: 0, latest: [] })
  useEffect(() => {
    const hear = ({ serial }: { serial: number }) =>
      setState(({ count, latest }) => ({ count: count + 1, latest: [...latest.slice(-19), serial] }))
    socket?.on('moved', hear)
    return () => void socket?.off('moved', hear)
  }, [])
  return <Shown name={name} count={state.count} latest={state.latest} />
}

const root = createRoot(document.getElementById('root') as HTMLElement)
if (socket) root.render(names.map((name) => <BySocketIo key={name} name={name} />))
else {
  root.render(
    <TidingsProvider client={createClient()}>
      {names.map((name) => (
        <ByTidings key={name} name={name} />
      ))}
    </TidingsProvider>,
  )
}
