// @vitest-environment happy-dom
// Rendering on a server opens nothing and shows the fixed first values; hydration agrees with it, also where the client
// has moved on before a late part of the page wakes up.

import { act } from '@testing-library/react'
import {
  TidingsProvider,
  useChannel,
  useChannelState,
  useConnection,
  useEvent,
  useOutbox,
  usePresence,
  usePublish,
  useSignal,
} from '@tidings/react'
import { type ReactNode, StrictMode, Suspense, use } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { openPage, type Page } from './harness.tsx'
import { lobby } from './lobby.ts'

function Everything() {
  const { status } = useConnection()
  const isOnline = useConnection((connection) => connection.status === 'connected')
  const { continuity } = useChannel(lobby(), { after: 'start' })
  const messages = useChannelState(lobby())
  const count = useChannelState(lobby(), (state) => ({ count: state.length }))
  const { total, self } = usePresence(lobby(), { name: 'Ada' })
  const { pending } = useOutbox()
  const { writes } = usePublish(lobby(), 'said')
  useSignal(lobby(), 'typing', () => undefined)
  useEvent(lobby(), '*', () => undefined)
  const shown = {
    status,
    isOnline,
    continuity: continuity.status,
    texts: messages?.map(({ text }) => text),
    count: count?.count,
  }
  return (
    <p>
      {JSON.stringify({ ...shown, total, self: self?.id, pending: pending.length, writes: writes.length })}
    </p>
  )
}

const under = (page: Page, node: ReactNode) => (
  <StrictMode>
    <TidingsProvider client={page.client}>{node}</TidingsProvider>
  </StrictMode>
)

const FIRST = {
  status: 'disconnected',
  isOnline: false,
  continuity: 'idle',
  total: 0,
  pending: 0,
  writes: 0,
}

/** The client has connected and knows the state, for a part of the page that woke up earlier. */
async function moved(): Promise<Page> {
  const page = openPage()
  page.server.say(lobby(), ['one', 'two'])
  page.client.channel(lobby()).hold()
  page.client.channel(lobby()).publish('said', { text: 'three' })
  await page.settle()
  return page
}

function read(container: Element): unknown {
  return JSON.parse(container.querySelector('p')?.textContent ?? '')
}

test('rendering on a server opens no connection and leaves no timer', async () => {
  const page = openPage()
  const html = renderToString(under(page, <Everything />))
  await page.settle()
  expect(page.server.connections).toHaveLength(0)
  expect(page.server.clock.pendingTimers).toBe(0)
  const container = document.createElement('div')
  container.innerHTML = html
  expect(read(container)).toEqual(FIRST)
})

test('a server renders the same first values whatever the client knows', async () => {
  const page = await moved()
  const container = document.createElement('div')
  container.innerHTML = renderToString(under(page, <Everything />))
  expect(read(container)).toEqual(FIRST)
})

test('hydration matches the server although the client has moved on, and then shows what is', async () => {
  const errors = vi.spyOn(console, 'error')
  const page = await moved()
  const container = document.createElement('div')
  container.innerHTML = renderToString(under(openPage(), <Everything />))
  const recovered: unknown[] = []
  const root = await act(async () =>
    hydrateRoot(container, under(page, <Everything />), {
      onRecoverableError: (error) => recovered.push(error),
    }),
  )
  await page.settle()
  expect(recovered).toEqual([])
  expect(errors).not.toHaveBeenCalled()
  expect(read(container)).toMatchObject({
    status: 'connected',
    continuity: 'live',
    texts: ['one', 'two', 'three'],
    count: 3,
    total: 1,
  })
  await act(async () => root.unmount())
  errors.mockRestore()
})

test('a part that hydrates late matches the server although the store moved in between', async () => {
  const errors = vi.spyOn(console, 'error')
  const page = openPage()
  const app = (ready: Promise<void>) => {
    function Late() {
      use(ready)
      return <Everything />
    }
    function Early() {
      return <i>{useChannelState(lobby())?.length ?? 'unknown'}</i>
    }
    return (
      <>
        <Early />
        <Suspense fallback={<b>wait</b>}>
          <Late />
        </Suspense>
      </>
    )
  }
  const settled: Promise<void> & { status?: string } = Promise.resolve()
  // React reads a promise that says it is fulfilled without waiting: the server has what it needs.
  Object.assign(settled, { status: 'fulfilled', value: undefined })
  const container = document.createElement('div')
  container.innerHTML = renderToString(under(openPage(), app(settled)))
  expect(read(container)).toEqual(FIRST)

  let wake: () => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    wake = resolve
  })
  const recovered: unknown[] = []
  const root = await act(async () =>
    hydrateRoot(container, under(page, app(ready)), { onRecoverableError: (error) => recovered.push(error) }),
  )
  page.server.say(lobby(), ['one'])
  await page.settle()
  expect(container.querySelector('i')?.textContent).toBe('1')
  expect(read(container)).toEqual(FIRST)

  await act(async () => wake())
  await page.settle()
  expect(recovered).toEqual([])
  expect(errors).not.toHaveBeenCalled()
  expect(read(container)).toMatchObject({ status: 'connected', texts: ['one'] })
  await act(async () => root.unmount())
  errors.mockRestore()
})
