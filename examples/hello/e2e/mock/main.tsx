// Hello with no server at all: the same components over a mock that runs in the page.

import { createClient } from '@tidings/client'
import { TidingsProvider } from '@tidings/react'
import { VirtualClock } from '@tidings/testing'
import { createMock, type Draw, type Mock } from '@tidings/testing/mock'
import { createRoot } from 'react-dom/client'
import { Hello } from '../../app.tsx'
import { contract, hello } from '../../contract.ts'

declare global {
  interface Window {
    mock: Mock
    /** Says something once in each of 10 seconds for 10 minutes, and tells how often it was heard and how long that took. */
    fastForward: () => Promise<{ readonly heard: number; readonly tookMs: number }>
  }
}

const data = {
  hello: { said: ({ person, sentence }: Draw) => ({ name: person().name, text: sentence() }) },
}

const mock = createMock({ contract, data, history: 8, everyMs: 400 })
// With an address, the page meets a mock on a port instead, as any other server.
const server = new URLSearchParams(location.search).get('server')
const client = createClient(server ? { url: server } : { ...mock.clientOptions })
mock
  .person('mei')
  .channel(hello({ room: 'lobby' }))
  .enter({ name: 'Mei Tanaka' })

window.mock = mock
window.fastForward = async () => {
  const clock = new VirtualClock()
  const still = createMock({ contract, data, clock })
  let heard = 0
  still
    .person('ada')
    .channel(hello({ room: 'lobby' }))
    .on('said', () => heard++)
  await clock.settle()
  still.every(10_000, hello({ room: 'lobby' }))
  const startedAt = performance.now()
  await clock.advance(600_000)
  still.close()
  return { heard, tookMs: performance.now() - startedAt }
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <TidingsProvider client={client}>
    <Hello room="lobby" />
  </TidingsProvider>,
)
