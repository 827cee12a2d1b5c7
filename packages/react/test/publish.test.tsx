// @vitest-environment happy-dom
// usePublish and useOutbox: what a form knows of what it sent.

import type { Publication } from '@tidings/client'
import { type Outbox, type Publisher, useChannelState, useOutbox, usePublish } from '@tidings/react'
import { Activity } from 'react'
import { expect, test } from 'vitest'
import { openPage } from './harness.tsx'
import { hello, lobby } from './lobby.ts'

type Said = Publisher<typeof hello.definition, 'said'>

/** A form that hands out what usePublish gave it. */
function form() {
  const seen: Said[] = []
  function Form({ room = 'lobby' as string | null }) {
    seen.push(usePublish(room === null ? null : hello({ room }), 'said'))
    return null
  }
  const now = () => seen.at(-1) as Said
  return {
    Form,
    seen,
    now,
    texts: () => now().writes.map(({ data, status }) => `${data.text} ${status.name}`),
  }
}

test('[PB1] a write is queued, sent and accepted, and then leaves the list', async () => {
  const page = openPage()
  const { Form, now, texts, seen } = form()
  page.show(<Form />)
  page.server.isSilent = true
  const publication = page.click(() => now().publish({ text: 'one' }))
  await page.settle()
  expect(seen.some(({ last }) => last?.status.name === 'queued' || last?.status.name === 'sent')).toBe(true)
  expect(texts()).toEqual(['one sent'])
  expect(now().last?.id).toBe(publication.id)
  page.server.isSilent = false
  page.click(() => page.server.cut())
  await page.advance(60_000)
  expect(now().last?.status.name).toBe('accepted')
  expect(now().writes).toEqual([])
  await expect(publication.done).resolves.toMatchObject({ offset: 1 })
})

test('publishing subscribes to nothing', async () => {
  const page = openPage()
  const { Form, now } = form()
  page.show(<Form />)
  await page.settle()
  expect(page.server.connections).toHaveLength(0)
  page.click(() => now().publish({ text: 'one' }))
  await page.settle()
  expect(page.server.frames('publish')).toHaveLength(1)
  expect(page.server.subscribes).toEqual([])
})

test('what is written while the server is down is pending, in order, and accepted once it is back', async () => {
  const page = openPage({ isStrict: true })
  const { Form, now, texts } = form()
  let outbox: Outbox | undefined
  function Waiting() {
    outbox = useOutbox()
    return null
  }
  page.show([<Form key="1" />, <Waiting key="2" />])
  page.server.isUp = false
  for (const text of ['one', 'two']) page.click(() => now().publish({ text }))
  await page.settle()
  expect(texts()).toEqual(['one queued', 'two queued'])
  expect(outbox?.pending.map(({ data }) => data)).toEqual([{ text: 'one' }, { text: 'two' }])
  page.server.isUp = true
  await page.advance(60_000)
  expect(texts()).toEqual([])
  expect(outbox?.pending).toEqual([])
  expect(page.server.channel('hello/lobby').entries.map(({ data }) => data)).toEqual([
    { text: 'one' },
    { text: 'two' },
  ])
})

test('[PB6] a refused write stays with its error, until it is retried under a new number', async () => {
  const page = openPage()
  const { Form, now, texts } = form()
  page.show(<Form />)
  page.server.refusal = { code: 'forbidden', message: 'This room is closed.' }
  const refused = page.click(() => now().publish({ text: 'one' }))
  await page.settle()
  expect(texts()).toEqual(['one refused'])
  const { last } = now()
  expect(last?.status.name === 'refused' && last.status.error.message).toContain('This room is closed.')
  await expect(refused.done).rejects.toMatchObject({ code: 'forbidden' })

  page.server.refusal = undefined
  page.click(() => now().retry(refused.id))
  await page.settle()
  expect(texts()).toEqual([])
  expect(now().last?.status.name).toBe('accepted')
  expect(page.server.frames('publish').map(({ sequence }) => sequence)).toEqual([1, 2])
})

test('a refused write can be dismissed; one that is on its way cannot', async () => {
  const page = openPage()
  const { Form, now, texts } = form()
  page.show(<Form />)
  page.server.refusal = { code: 'forbidden', message: 'This room is closed.' }
  const refused = page.click(() => now().publish({ text: 'one' }))
  await page.settle()
  expect(now().last?.id).toBe(refused.id)
  page.server.isSilent = true
  const waiting = page.click(() => now().publish({ text: 'two' }))
  await page.settle()
  page.click(() => now().dismiss(waiting.id))
  page.click(() => now().retry(waiting.id))
  page.click(() => now().dismiss(refused.id))
  page.click(() => now().dismiss('nobody'))
  await page.settle()
  expect(texts()).toEqual(['two sent'])
  expect(page.server.frames('publish')).toHaveLength(2)
  expect(now().last?.id).toBe(waiting.id)
})

test('a retry that throws keeps the refused write', async () => {
  const page = openPage()
  const { Form, now, texts } = form()
  page.show(<Form />)
  page.server.refusal = { code: 'forbidden', message: 'This room is closed.' }
  const { id } = page.click(() => now().publish({ text: 'one' }))
  await page.settle()
  page.client.close()
  expect(() => now().retry(now().last?.id ?? id)).toThrow('closed')
  expect(texts()).toEqual(['one refused'])
})

test('a dismissed write is not the last one any more', async () => {
  const page = openPage()
  const { Form, now } = form()
  page.show(<Form />)
  page.server.refusal = { code: 'forbidden', message: 'This room is closed.' }
  const { id } = page.click(() => now().publish({ text: 'one' }))
  await page.settle()
  page.click(() => now().dismiss(now().last?.id ?? id))
  expect(now().last).toBeUndefined()
  expect(now().writes).toEqual([])
})

test('[PB6] data that the schema refuses throws at once, names the field, and lists nothing', async () => {
  const page = openPage()
  const { Form, now } = form()
  page.show(<Form />)
  expect(() => now().publish({ text: '' })).toThrow(
    expect.objectContaining({ code: 'invalid-data', field: 'data.text' }),
  )
  await page.settle()
  expect(now().writes).toEqual([])
  expect(now().last).toBeUndefined()
})

test('the functions are the same in every render of the same channel', async () => {
  const page = openPage()
  const { Form, seen, now } = form()
  page.show(<Form />)
  const first = now()
  page.click(() => first.publish({ text: 'one' }))
  await page.settle()
  expect(seen.length).toBeGreaterThan(1)
  expect(now().publish).toBe(first.publish)
  expect(now().retry).toBe(first.retry)
  expect(now().dismiss).toBe(first.dismiss)
})

test('another channel starts with an empty list, and a skipped one cannot be published to', async () => {
  const page = openPage()
  const { Form, now } = form()
  page.show(<Form />)
  page.server.isSilent = true
  page.click(() => now().publish({ text: 'one' }))
  await page.settle()
  expect(now().writes).toHaveLength(1)
  page.show(<Form room="cellar" />)
  expect(now().writes).toEqual([])
  page.show(<Form room={null} />)
  expect(() => now().publish({ text: 'two' })).toThrow('publish needs a channel')
})

test('a write goes on while its form is hidden or gone', async () => {
  const page = openPage()
  const { Form, now, texts } = form()
  const view = (mode: 'visible' | 'hidden') => (
    <Activity mode={mode}>
      <Form />
    </Activity>
  )
  page.show(view('visible'))
  const publication = page.click(() => now().publish({ text: 'one' }))
  page.show(view('hidden'))
  await page.settle()
  page.show(view('visible'))
  expect(texts()).toEqual([])
  expect(publication.status.get().name).toBe('accepted')
})

test('a pending write is in the state at once, exactly once until and after it is accepted', async () => {
  const page = openPage()
  const { Form, now } = form()
  const seen: string[] = []
  function Texts() {
    const messages = useChannelState(lobby())
    seen.push((messages ?? []).map(({ text, isPending }) => text + (isPending ? '?' : '')).join(' '))
    return null
  }
  page.show([<Form key="1" />, <Texts key="2" />])
  await page.settle()
  page.click(() => now().publish({ text: 'one' }))
  await page.settle()
  expect(seen.at(-1)).toBe('one')
  expect(new Set(seen)).toEqual(new Set(['', 'one?', 'one']))
})

test('clear drops what was not sent yet: the list says so', async () => {
  const page = openPage()
  const { Form, now, texts } = form()
  const seen: Outbox[] = []
  function Waiting() {
    seen.push(useOutbox())
    return null
  }
  page.show([<Form key="1" />, <Waiting key="2" />])
  page.server.isUp = false
  page.click(() => now().publish({ text: 'one' }))
  await page.settle()
  page.click(() => seen.at(-1)?.clear())
  await page.settle()
  expect(texts()).toEqual(['one refused'])
  expect(seen.at(-1)?.pending).toEqual([])
  expect(seen.at(-1)?.clear).toBe(seen[0]?.clear)
})

test('refused writes are bounded: the oldest go', async () => {
  const page = openPage()
  const { Form, now } = form()
  page.show(<Form />)
  page.server.refusal = { code: 'forbidden', message: 'This room is closed.' }
  const sent: Publication[] = []
  for (let i = 0; i < 110; i++) {
    sent.push(page.click(() => now().publish({ text: String(i) })))
    await page.settle()
  }
  expect(now().writes).toHaveLength(100)
  expect(now().writes[0]?.data.text).toBe('10')
  expect(now().writes.at(-1)?.id).toBe(sent.at(-1)?.id)
})
