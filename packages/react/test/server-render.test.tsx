// Rendering on a server, where there is no page: opens nothing, leaves nothing behind, and shows the fixed first values.

import { createClient } from '@tidings/client'
import { TidingsProvider } from '@tidings/react'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import { Everything, FIRST } from './everything.tsx'
import { FakeServer } from './fake-server.ts'
import { lobby } from './lobby.ts'

afterEach(() => void vi.unstubAllGlobals())

const inParagraph = (text: string) => `<p>${text.replaceAll('"', '&quot;')}</p>`

test('a server renders the first values, without a socket, a timer or a page', () => {
  const opened = vi.fn()
  vi.stubGlobal(
    'WebSocket',
    class {
      constructor(...args: readonly unknown[]) {
        opened(...args)
      }
    },
  )
  vi.useFakeTimers()
  const client = createClient({ url: 'wss://example.org/v1/socket' })
  const html = renderToString(
    <StrictMode>
      <TidingsProvider client={client}>
        <Everything />
      </TidingsProvider>
    </StrictMode>,
  )
  expect(typeof window).toBe('undefined')
  expect(html).toBe(inParagraph(JSON.stringify(FIRST)))
  vi.runAllTimers()
  expect(vi.getTimerCount()).toBe(0)
  expect(opened).not.toHaveBeenCalled()
  expect(client.connection.get().status).toBe('disconnected')
  vi.useRealTimers()
})

test('a server renders the same first values whatever its client knows', async () => {
  const server = new FakeServer()
  const lifecycle = { isOnline: () => true, subscribe: () => () => undefined }
  const client = createClient({ url: 'ws://fake', clock: server.clock, dial: server.dial, lifecycle })
  server.say(lobby(), ['one'])
  client.channel(lobby()).hold()
  await server.settle()
  expect(client.channel(lobby()).state.get()).toHaveLength(1)
  const html = renderToString(
    <TidingsProvider client={client}>
      <Everything />
    </TidingsProvider>,
  )
  expect(html).toBe(inParagraph(JSON.stringify(FIRST)))
})
