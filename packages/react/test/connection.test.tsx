// @vitest-environment happy-dom
// useConnection, useClient and the provider: what a page knows of its connection, and when it makes one.

import { render, screen } from '@testing-library/react'
import type { ConnectionState } from '@tidings/client'
import { shallowEqual, useClient, useConnection, useEvent, useYou } from '@tidings/react'
import { expect, test, vi } from 'vitest'
import { openPage } from './harness.tsx'
import { lobby } from './lobby.ts'

function Status() {
  const { status, reason } = useConnection()
  return <output>{`${status}: ${reason}`}</output>
}

function Listener() {
  useEvent(lobby(), 'said', () => undefined)
  return null
}

const shown = () => screen.getByRole('status').textContent

test('a hook without a provider says what is missing', () => {
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  expect(() => render(<Status />)).toThrow('put <TidingsProvider client={client}> around')
  quiet.mockRestore()
})

test('a provider and a status alone open no connection', async () => {
  const page = openPage({ isStrict: true })
  page.show(<Status />)
  await page.settle()
  expect(page.server.connections).toHaveLength(0)
  expect(shown()).toBe('disconnected: idle')
})

test('the first mounted subscription opens one connection, also in StrictMode', async () => {
  const page = openPage({ isStrict: true })
  page.show([<Status key="1" />, <Listener key="2" />])
  await page.settle()
  expect(page.server.connections).toHaveLength(1)
  expect(shown()).toBe('connected: ready')
})

test('the status follows a drop and the way back', async () => {
  const page = openPage()
  page.show([<Status key="1" />, <Listener key="2" />])
  await page.settle()
  page.server.isUp = false
  page.click(() => page.server.cut())
  await page.settle()
  expect(shown()).toBe('reconnecting: network')
  page.server.isUp = true
  await page.advance(60_000)
  expect(shown()).toBe('connected: ready')
})

test('a selector renders only when what it picks changes', async () => {
  const page = openPage()
  const seen: boolean[] = []
  function IsOnline() {
    seen.push(useConnection(({ status }) => status === 'connected'))
    return <Listener />
  }
  page.show(<IsOnline />)
  await page.settle()
  page.server.isUp = false
  page.click(() => page.server.cut())
  await page.advance(10_000)
  expect(seen).toEqual([false, true, false])
})

test('a selector may make a new object each time without looping', async () => {
  const page = openPage({ isStrict: true })
  const seen: ConnectionState['status'][] = []
  function Picked() {
    const { status } = useConnection((connection) => ({ status: connection.status }))
    seen.push(status)
    return <Listener />
  }
  page.show(<Picked />)
  await page.settle()
  expect(new Set(seen)).toEqual(new Set(['disconnected', 'connecting', 'connected']))
  expect(seen.length).toBeLessThan(12)
})

test('an equality decides when a selection has changed', async () => {
  const page = openPage()
  const seen: unknown[] = []
  function Picked() {
    seen.push(useConnection(({ status }) => ({ isOnline: status === 'connected' }), shallowEqual))
    return <Listener />
  }
  page.show(<Picked />)
  await page.settle()
  expect(seen).toEqual([{ isOnline: false }, { isOnline: true }])
})

test('reconnect and disconnect are the same functions in every render, and do it', async () => {
  const page = openPage()
  const seen: { readonly reconnect: () => void; readonly disconnect: () => void }[] = []
  function Actions() {
    seen.push(useConnection())
    return <Listener />
  }
  page.show([<Actions key="1" />, <Status key="2" />])
  await page.settle()
  const first = seen[0]
  const last = seen.at(-1)
  expect(seen.length).toBeGreaterThan(1)
  expect(last?.reconnect).toBe(first?.reconnect)
  expect(last?.disconnect).toBe(first?.disconnect)
  page.click(() => first?.disconnect())
  await page.settle()
  expect(shown()).toBe('disconnected: by-app')
  page.click(() => first?.reconnect())
  await page.settle()
  expect(shown()).toBe('connected: ready')
  expect(page.server.connections).toHaveLength(2)
})

test('useClient gives the client of the innermost provider', () => {
  const page = openPage()
  let found: unknown
  function Finder() {
    found = useClient()
    return null
  }
  page.show(<Finder />)
  expect(found).toBe(page.client)
})

test('useYou is told by the server, and stays while the connection is away', async () => {
  const page = openPage()
  const seen: (string | undefined)[] = []
  function You() {
    seen.push(useYou())
    return <Listener />
  }
  page.show(<You />)
  await page.settle()
  page.server.isUp = false
  page.click(() => page.server.cut())
  await page.advance(3_000)
  expect(seen[0]).toBeUndefined()
  expect(seen.at(-1)).toBe('you-me')
  expect(seen.slice(seen.indexOf('you-me'))).not.toContain(undefined)
})
