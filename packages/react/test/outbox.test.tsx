// @vitest-environment happy-dom
// useOutbox where writes outlive the page: what a page shows of those of an earlier one, and of a storage that fails.

import { durable } from '@tidings/client/durable'
import { type Outbox, useOutbox } from '@tidings/react'
import { OutboxDisk } from '@tidings/testing/outbox-disk'
import { expect, test } from 'vitest'
import { openPage } from './harness.tsx'
import { lobby } from './lobby.ts'

function open(disk: OutboxDisk) {
  const page = openPage({ outbox: { storage: durable(disk.open()) } })
  const shown: Outbox[] = []
  function Waiting() {
    shown.push(useOutbox())
    return null
  }
  page.show(<Waiting />)
  const write = (text: string) => page.click(() => page.client.channel(lobby()).publish('said', { text }))
  return { ...page, shown, write, now: () => shown.at(-1) as Outbox }
}

const texts = (writes: Outbox['pending']) => writes.map(({ data }) => (data as { text: string }).text)

test('[OB7] what an earlier page has written is pending; once it is refused it is shown with the reason', async () => {
  const disk = new OutboxDisk()
  const before = open(disk)
  before.server.isUp = false
  before.write('one')
  before.write('two')
  await before.settle()
  before.client.close()
  await before.settle()

  const page = open(disk)
  page.server.isUp = false
  page.click(() => page.client.connect())
  await page.settle()
  expect(texts(page.now().pending)).toEqual(['one', 'two'])
  expect(page.now().refused).toEqual([])
  page.server.refusal = { code: 'forbidden', message: 'This room is closed.' }
  page.server.isUp = true
  await page.advance(60_000)
  expect(page.now().pending).toEqual([])
  expect(texts(page.now().refused)).toEqual(['one', 'two'])
  expect(page.now().refused[0]?.status.get()).toMatchObject({
    name: 'refused',
    error: { message: 'This room is closed.' },
  })
  const [one] = page.now().refused
  page.click(() => one && page.now().dismiss(one))
  expect(texts(page.now().refused)).toEqual(['two'])
  page.click(() => page.now().clear())
  expect(page.now().refused).toEqual([])
})

test('[OB9] the state of the storage is shown, with the reason while it fails', async () => {
  const disk = new OutboxDisk()
  const page = open(disk)
  page.server.isUp = false
  expect(page.now().storage).toEqual({ name: 'opening' })
  page.write('one')
  await page.settle()
  expect(page.now().storage).toEqual({ name: 'ready' })
  disk.fault = 'full'
  page.write('two')
  await page.settle()
  expect(page.now().storage).toMatchObject({
    name: 'failing',
    error: { code: 'unavailable', message: "The outbox's storage cannot be written to: The disk is full." },
  })
  disk.fault = undefined
  await page.advance(60_000)
  expect(page.now().storage).toEqual({ name: 'ready' })
  expect(page.errors).toHaveLength(1)
})

test('without a storage there is none', async () => {
  const page = openPage()
  let storage: Outbox['storage'] | undefined
  function Waiting() {
    storage = useOutbox().storage
    return null
  }
  page.show(<Waiting />)
  await page.settle()
  expect(storage).toEqual({ name: 'none' })
})
