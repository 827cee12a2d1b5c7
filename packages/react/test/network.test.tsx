// @vitest-environment happy-dom
// Whether a person is cut off, and what to fetch again when that is over.

import { screen } from '@testing-library/react'
import { type Resync, useChannel, useNetworkStatus, useResync } from '@tidings/react'
import { Activity, act, useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { openPage, type Page } from './harness.tsx'
import { hello, lobby } from './lobby.ts'

afterEach(() => vi.restoreAllMocks())

const shown = () => screen.getByRole('status').textContent

function Network() {
  useChannel(lobby())
  const { status, since } = useNetworkStatus()
  return <output>{`${status} ${typeof since}`}</output>
}

/** A listener inside an `<Activity>`, beside somebody who keeps the connection wanted: shown, and connected. */
async function listening(page: Page) {
  const told: Resync[] = []
  function Listener() {
    useResync((resync) => told.push(resync), { clock: page.server.clock })
    return null
  }
  const Holder = () => void useChannel(lobby())
  const show = (mode: 'visible' | 'hidden') =>
    page.show(
      <>
        <Holder />
        <Activity mode={mode}>
          <Listener />
        </Activity>
      </>,
    )
  show('visible')
  await page.advance(1_000)
  return { told, show }
}

test('the network is what the connection shows, and what the device says while there is none', async () => {
  const page = openPage()
  page.show(<Network />)
  await page.settle()
  expect(shown()).toBe('online undefined')
  page.server.isUp = false
  page.click(() => page.server.cut())
  await page.settle()
  expect(shown()).toBe('reconnecting number')
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  act(() => void window.dispatchEvent(new Event('offline')))
  expect(shown()).toBe('offline number')
  page.server.isUp = true
  await page.advance(5_000)
  // The device still says that it is offline, and is wrong.
  expect(shown()).toBe('online number')
})

test('a regained connection is told once, with how long it was gone; the first one is not', async () => {
  const page = openPage()
  const told: Resync[] = []
  function Listener() {
    useChannel(lobby())
    useResync((resync) => told.push(resync), { clock: page.server.clock })
    return null
  }
  page.show(<Listener />)
  await page.advance(5_000)
  expect(told).toEqual([])
  page.server.isUp = false
  page.click(() => page.server.cut())
  await page.advance(10_000)
  page.server.isUp = true
  await page.advance(30_000)
  expect(told).toHaveLength(1)
  expect(told[0]?.awayMs).toBeGreaterThanOrEqual(10_000)
})

test('with channels, what was replayed is not told; a reset is, once for all of them', async () => {
  const page = openPage()
  const told: string[][] = []
  const rooms = [lobby(), hello({ room: 'annex' })]
  function Listener() {
    useResync(({ resets }) => told.push([...resets.keys()]), { of: rooms, clock: page.server.clock })
    return null
  }
  page.show(<Listener />)
  await page.settle()
  page.click(() => page.server.cut())
  await page.advance(10_000)
  expect(told).toEqual([])
  for (const { name } of rooms)
    page.server.broadcast(name, {
      type: 'reset',
      channel: name,
      reason: 'trimmed',
      position: 'e2:0:',
    })
  await page.advance(600)
  expect(told).toEqual([['hello/lobby', 'hello/annex']])
})

test('a reset that is not told yet is told although the channels are others by then', async () => {
  const page = openPage()
  const told: string[][] = []
  const annex = hello({ room: 'annex' })
  let watch: (rooms: readonly (typeof annex)[]) => void = () => {}
  function Listener() {
    const [of, setOf] = useState<readonly (typeof annex)[]>([lobby(), annex])
    watch = setOf
    useResync(({ resets }) => told.push([...resets.keys()]), { of, clock: page.server.clock })
    return null
  }
  page.show(<Listener />)
  await page.settle()
  for (const { name } of [lobby(), annex])
    page.server.broadcast(name, { type: 'reset', channel: name, reason: 'trimmed', position: 'e2:0:' })
  await page.advance(100)
  page.click(() => watch([lobby()]))
  await page.advance(600)
  expect(told).toEqual([['hello/lobby']])
})

test('who comes while the connection is gone is told as well: what they load may be behind by then', async () => {
  const page = openPage()
  const told: Resync[] = []
  function Listener() {
    useResync((resync) => told.push(resync), { clock: page.server.clock })
    return null
  }
  const Holder = () => void useChannel(lobby())
  page.show(<Holder />)
  await page.settle()
  page.server.isUp = false
  page.click(() => page.server.cut())
  await page.advance(10_000)
  page.show(
    <>
      <Holder />
      <Listener />
    </>,
  )
  await page.advance(5_000)
  page.server.isUp = true
  await page.advance(30_000)
  expect(told).toHaveLength(1)
  expect(told[0]?.awayMs).toBeGreaterThanOrEqual(5_000)
})

test('a page that was hidden during a whole drop is told when it is shown', async () => {
  const page = openPage()
  const { told, show } = await listening(page)
  show('hidden')
  await page.advance(1_000)
  show('visible')
  await page.advance(1_000)
  expect(told).toEqual([])
  show('hidden')
  page.click(() => page.server.cut())
  await page.advance(30_000)
  expect(told).toEqual([])
  show('visible')
  await page.advance(1_000)
  expect(told).toHaveLength(1)
})

test('a drop that a hidden page missed is told although the page is hidden again before things have settled', async () => {
  const page = openPage()
  const { told, show } = await listening(page)
  show('hidden')
  page.click(() => page.server.cut())
  await page.advance(30_000)
  show('visible')
  await page.advance(100)
  show('hidden')
  await page.advance(1_000)
  expect(told).toEqual([])
  show('visible')
  await page.advance(1_000)
  expect(told).toHaveLength(1)
  // Told is told: being shown once more owes nothing.
  show('hidden')
  await page.advance(1_000)
  show('visible')
  await page.advance(1_000)
  expect(told).toHaveLength(1)
})

test('time that a page spent hidden after the connection was back is no time without a connection', async () => {
  const page = openPage()
  const { told, show } = await listening(page)
  page.server.isUp = false
  page.click(() => page.server.cut())
  await page.advance(10_000)
  show('hidden')
  page.server.isUp = true
  await page.advance(600_000)
  show('visible')
  await page.advance(1_000)
  expect(told).toHaveLength(1)
  expect(told[0]?.awayMs).toBeGreaterThanOrEqual(10_000)
  expect(told[0]?.awayMs).toBeLessThan(60_000)
})

test('with channels, an earlier drop without a reset is not part of how long there was no connection', async () => {
  const page = openPage()
  const told: Resync[] = []
  const { name } = lobby()
  function Listener() {
    useResync((resync) => told.push(resync), { of: [lobby()], clock: page.server.clock })
    return null
  }
  page.show(<Listener />)
  await page.settle()
  for (const downMs of [100_000, 10_000]) {
    page.server.isUp = false
    page.click(() => page.server.cut())
    await page.advance(downMs)
    page.server.isUp = true
    await page.advance(60_000)
  }
  expect(told).toEqual([])
  page.server.broadcast(name, { type: 'reset', channel: name, reason: 'trimmed', position: 'e2:0:' })
  await page.advance(600)
  expect(told).toHaveLength(1)
  expect(told[0]?.awayMs).toBeGreaterThanOrEqual(10_000)
  expect(told[0]?.awayMs).toBeLessThan(100_000)
})

test('how long there was no connection is counted on where the channels change meanwhile', async () => {
  const page = openPage()
  const told: Resync[] = []
  const annex = hello({ room: 'annex' })
  let watch: (rooms: readonly (typeof annex)[]) => void = () => {}
  function Listener() {
    const [of, setOf] = useState<readonly (typeof annex)[]>([lobby()])
    watch = setOf
    useResync((resync) => told.push(resync), { of, clock: page.server.clock })
    return null
  }
  page.show(<Listener />)
  await page.settle()
  page.server.isUp = false
  page.click(() => page.server.cut())
  await page.advance(20_000)
  page.click(() => watch([lobby(), annex]))
  page.server.isUp = true
  await page.advance(30_000)
  page.server.broadcast(annex.name, {
    type: 'reset',
    channel: annex.name,
    reason: 'trimmed',
    position: 'e2:0:',
  })
  await page.advance(600)
  expect(told).toHaveLength(1)
  expect(told[0]?.awayMs).toBeGreaterThanOrEqual(20_000)
})
