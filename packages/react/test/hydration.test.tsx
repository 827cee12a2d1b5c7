// @vitest-environment happy-dom
// Hydration agrees with what a server rendered, also where the client has moved on before a late part of the page wakes
// up; then it shows what is.

import { act } from '@testing-library/react'
import { TidingsProvider, useChannelState } from '@tidings/react'
import { type ReactNode, StrictMode, Suspense, use } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { Everything, FIRST } from './everything.tsx'
import { openPage, type Page } from './harness.tsx'
import { lobby } from './lobby.ts'

const under = (page: Page, node: ReactNode) => (
  <StrictMode>
    <TidingsProvider client={page.client}>{node}</TidingsProvider>
  </StrictMode>
)

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
