// @vitest-environment happy-dom
// The academy's two hooks as components use them: what they return, who is told, what is shared, and what ends when.

import { act, cleanup, render } from '@testing-library/react'
import type { SocketHandlers } from '@tidings/core'
import { VirtualClock } from '@tidings/core/testing'
import { Activity, createElement, type ReactNode, StrictMode } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { StudyMetrics } from '../contract.ts'
import {
  useWebSocket,
  useWebSocketMessage,
  type WebSocketClientOptions,
  type WebSocketHandle,
} from '../index.ts'

const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
beforeEach(() => {
  environment.IS_REACT_ACT_ENVIRONMENT = true
})
afterEach(cleanup)

const metrics: StudyMetrics = {
  userId: 'ada',
  studyHours: 37.5,
  progress: 62.5,
  sessionDuration: 25,
  streak: 12,
}

let endpoints = 0

/** A plain server that a test holds in its hand, at an address of its own. */
function openServer() {
  const clock = new VirtualClock()
  const sockets = new Set<SocketHandlers>()
  const url = `ws://academy.test/${endpoints++}`
  let dialled = 0
  const options: WebSocketClientOptions = {
    url,
    server: 'plain',
    userId: 'ada',
    ports: {
      clock,
      open: (_, handlers) => {
        dialled++
        sockets.add(handlers)
        clock.endOfTurn(() => handlers.opened())
        const close = () => {
          if (sockets.delete(handlers)) handlers.closed(1000, '')
        }
        return { bufferedBytes: 0, send: () => undefined, close }
      },
    },
  }
  return {
    options,
    clock,
    sockets,
    dialled: () => dialled,
    settle: () => act(() => clock.settle()),
    /** Also what a page does a turn after it has let go. */
    leave: () => act(async () => void (await new Promise((resolve) => setTimeout(resolve, 5)))),
    say: (type: string, payload: unknown) =>
      act(async () => {
        for (const socket of sockets)
          socket.received(JSON.stringify({ type, payload, timestamp: 7_000, messageId: 'm-1' }))
        await clock.settle()
      }),
    cut: () =>
      act(async () => {
        for (const socket of [...sockets]) {
          sockets.delete(socket)
          socket.closed(1006, '')
        }
        await clock.settle()
      }),
  }
}

type Seen = (handle: WebSocketHandle) => void

function Part({ options, seen }: { readonly options: WebSocketClientOptions; readonly seen?: Seen }) {
  const handle = useWebSocket(options)
  seen?.(handle)
  return createElement('output', null, handle.status)
}
const part = (options: WebSocketClientOptions, seen?: Seen) =>
  createElement(Part, seen ? { options, seen } : { options })
const strict = (...nodes: ReactNode[]) => createElement(StrictMode, null, ...nodes)

it('useWebSocket returns the connection and what can be done with it, through the real states', async () => {
  const { options, settle, cut } = openServer()
  const states: [string, boolean][] = []
  let last: WebSocketHandle | undefined
  render(
    part(options, (handle) => {
      last = handle
      states.push([handle.status, handle.isConnected])
    }),
  )
  await settle()
  await cut()
  const shown = states.map(([status]) => status).filter((status, i, all) => status !== all[i - 1])
  expect(shown).toEqual(['disconnected', 'connecting', 'connected', 'reconnecting'])
  expect(states.every(([status, isConnected]) => isConnected === (status === 'connected'))).toBe(true)
  const { client, ...handle } = last as WebSocketHandle
  expect(client).toBeDefined()
  expect(Object.keys(handle).sort()).toEqual(
    [
      ...['clearQueue', 'disconnect', 'getQueuedMessages', 'isConnected'],
      ...['latency', 'reconnect', 'send', 'status'],
    ].sort(),
  )
  expect(handle.send('study_session_start', { userId: 'ada', topic: 'Cells', timestamp: 1_000 })).toBe(true)
  expect(handle.getQueuedMessages()).toEqual([
    {
      type: 'study_session_start',
      payload: { userId: 'ada', topic: 'Cells', timestamp: 1_000 },
      timestamp: 1_000,
      messageId: expect.any(String),
    },
  ])
  expect(handle.clearQueue()).toBe(1)
  await act(async () => handle.disconnect())
  expect(last?.status).toBe('disconnected')
  await act(async () => handle.reconnect())
  await settle()
  expect(last?.status).toBe('connected')
})

it('components with the same endpoint share one connection, also in strict mode; it ends with the last of them', async () => {
  const { options, settle, leave, sockets, dialled } = openServer()
  const shown = render(strict(part(options), part({ ...options })))
  await settle()
  expect([dialled(), sockets.size]).toEqual([1, 1])
  shown.rerender(strict(part(options)))
  await leave()
  expect(sockets.size).toBe(1)
  shown.rerender(strict())
  await leave()
  expect(sockets.size).toBe(0)
})

it('everybody’s callbacks are called, and those of the latest render', async () => {
  const { options, settle, say, cut } = openServer()
  const told: string[] = []
  const as = (name: string): WebSocketClientOptions => ({
    ...options,
    onConnect: () => told.push(`${name} connected`),
    onDisconnect: (reason) => told.push(`${name} ${reason}`),
    onError: () => told.push(`${name} error`),
    onMessage: ({ type }) => told.push(`${name} ${type}`),
  })
  const page = (first: string) => createElement('div', null, part(as(first)), part(as('other')))
  const shown = render(page('early'))
  await settle()
  expect(told.splice(0)).toEqual(['early connected', 'other connected'])
  shown.rerender(page('late'))
  await say('study_metrics_update', metrics)
  expect(told.splice(0)).toEqual(['late study_metrics_update', 'other study_metrics_update'])
  await say('study_metrics_update', { ...metrics, progress: 'much' })
  expect(told.splice(0)).toEqual(['late error', 'other error'])
  await cut()
  expect(told.splice(0)).toEqual(['late network', 'other network'])
})

it('who comes to a connection that is there is told that it is', async () => {
  const { options, settle } = openServer()
  const shown = render(createElement('div', null, part(options)))
  await settle()
  const onConnect = vi.fn()
  shown.rerender(createElement('div', null, part(options), part({ ...options, onConnect })))
  expect(onConnect).toHaveBeenCalledOnce()
  const onMessage = () => undefined
  shown.rerender(createElement('div', null, part(options), part({ ...options, onConnect, onMessage })))
  expect(onConnect).toHaveBeenCalledOnce()
})

it('a hidden page hangs up, and has its connection again when it is shown', async () => {
  const { options, settle, leave, sockets } = openServer()
  const page = (mode: 'visible' | 'hidden') => createElement(Activity, { mode, children: part(options) })
  const shown = render(page('visible'))
  await settle()
  shown.rerender(page('hidden'))
  await leave()
  expect(sockets.size).toBe(0)
  shown.rerender(page('visible'))
  await settle()
  expect(sockets.size).toBe(1)
  expect(shown.container.textContent).toBe('connected')
})

it('useWebSocketMessage calls the handler of the latest render, once a message, until it is unmounted', async () => {
  const { options, settle, say } = openServer()
  const heard: [string, number][] = []
  function Listener({ name }: { readonly name: string }) {
    const socket = useWebSocket(options)
    // By the payload, as the academy's own components name it.
    useWebSocketMessage<StudyMetrics>(socket, 'study_metrics_update', ({ progress }) =>
      heard.push([name, progress]),
    )
    return null
  }
  const shown = render(strict(createElement(Listener, { name: 'first' })))
  await settle()
  await say('study_metrics_update', metrics)
  shown.rerender(strict(createElement(Listener, { name: 'second' })))
  await say('study_metrics_update', { ...metrics, progress: 63 })
  shown.rerender(strict())
  await say('study_metrics_update', { ...metrics, progress: 64 })
  expect(heard).toEqual([
    ['first', 62.5],
    ['second', 63],
  ])
})

it('a server renders it without a connection, and a page that is connected already wakes up without a complaint', async () => {
  const { options, settle, dialled } = openServer()
  const html = renderToString(part(options))
  expect(html).toBe('<output>disconnected</output>')
  expect(dialled()).toBe(0)
  render(part(options))
  await settle()
  const container = document.createElement('div')
  container.innerHTML = html
  const complaints: unknown[] = []
  const root = await act(async () =>
    hydrateRoot(container, part(options), { onRecoverableError: (error) => complaints.push(error) }),
  )
  expect(complaints).toEqual([])
  expect(container.textContent).toBe('connected')
  await act(async () => root.unmount())
})
