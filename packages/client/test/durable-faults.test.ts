// [OB9] Storages that refuse, are full, do not answer, were damaged or emptied: the app is told, and everything goes on in
// memory; once the storage works again, what is pending is in it.

import { describe, expect, test } from 'vitest'
import { Device, hall, pending, write } from './device.ts'

const states = (device: Device) => {
  const page = device.open()
  const { storage } = page.client.outbox
  const told: string[] = [storage.get().name]
  storage.subscribe(() => told.push(storage.get().name))
  return { page, told }
}

describe('[OB9] a storage that', () => {
  test('[row 48] refuses from the beginning: told once, and writes are sent all the same', async () => {
    const device = new Device()
    device.disk.fault = 'refused'
    const { page, told } = states(device)
    const [a] = write(page, 'a')
    await device.server.advance(20_000)
    expect(device.log()).toEqual(['a'])
    expect(a?.isStored).toBe(false)
    expect(told).toEqual(['opening', 'failing'])
    expect(page.errors).toMatchObject([{ code: 'unavailable', cause: { message: 'The disk refuses.' } }])
  })

  test('refuses, and works again: what is pending is stored then', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    device.disk.fault = 'refused'
    const { page, told } = states(device)
    const [a] = write(page, 'a')
    await device.server.advance(5_000)
    device.disk.fault = undefined
    await device.server.advance(60_000)
    expect(told).toEqual(['opening', 'failing', 'ready'])
    expect(a?.isStored).toBe(true)
    page.kill()
    device.server.mode = 'open'
    device.open().client.connect()
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['a'])
  })

  test('does not answer: the page goes on without it after four seconds', async () => {
    const device = new Device()
    device.disk.fault = 'silent'
    const { page, told } = states(device)
    write(page, 'a')
    await device.server.advance(3_000)
    expect(device.log()).toEqual([])
    await device.server.advance(2_000)
    expect(device.log()).toEqual(['a'])
    expect(told).toEqual(['opening', 'failing'])
    page.client.close()
    await device.settle()
    expect(device.clock.pendingTimers).toBe(0)
  })

  test('[row 48] is full: what does not fit lives in memory, what fits stays, and what was sent makes room', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const { page, told } = states(device)
    const [a] = write(page, 'a')
    await device.settle()
    device.disk.fault = 'full'
    const [b] = write(page, 'b')
    await device.server.advance(5_000)
    expect([a?.isStored, b?.isStored]).toEqual([true, false])
    expect(told).toEqual(['opening', 'ready', 'failing'])
    expect(page.errors).toHaveLength(1)
    device.server.mode = 'open'
    await device.server.advance(60_000)
    expect(device.log()).toEqual(['a', 'b'])
    expect(device.disk.records.flatMap(({ rows }) => rows)).toEqual([])
    device.disk.fault = undefined
    const [c] = write(page, 'c')
    await device.server.advance(60_000)
    expect(c?.status.get().name).toBe('accepted')
    expect(told.at(-1)).toBe('ready')
  })

  test('[row 48] was cleared underneath: told, and what is pending is stored once more', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open()
    const [a] = write(page, 'a')
    await device.settle()
    device.disk.clear()
    const [b] = write(page, 'b')
    await device.settle()
    expect([a?.isStored, b?.isStored]).toEqual([true, true])
    expect(page.errors).toMatchObject([{ message: expect.stringContaining('cleared') }])
    page.kill()
    device.server.mode = 'open'
    device.open().client.connect()
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['a', 'b'])
  })

  test('[OB1] was cleared underneath, before the head was written again: what was stored is stored once more', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open()
    write(page, 'a')
    await device.settle()
    device.disk.clear()
    device.server.intercept = ({ type }) => type === 'publish'
    device.server.mode = 'open'
    await device.server.advance(10_000)
    expect(page.client.connection.get().status).toBe('connected')
    expect(page.errors).toMatchObject([{ message: expect.stringContaining('cleared') }])
    page.kill()
    device.server.intercept = () => false
    device.open().client.connect()
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['a'])
  })

  test('was cleared while no page was there: the next one begins anew', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    write(before, 'a')
    await device.settle()
    before.kill()
    device.disk.clear()
    device.server.mode = 'open'
    const after = device.open()
    write(after, 'b')
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['b'])
    expect(after.errors).toEqual([])
  })

  test.for([null, 7, 'text', [], {}, { format: 1 }, { format: 1, producer: 5, epoch: -1 }, { format: 'x' }])(
    'has a head that nobody can read (%j): told, removed, and the page begins anew',
    async (head) => {
      const device = new Device()
      device.server.mode = 'refuse'
      const before = device.open()
      write(before, 'a')
      await device.settle()
      before.kill()
      device.disk.damage('heads', head)
      device.server.mode = 'open'
      const after = device.open()
      write(after, 'b')
      await device.server.advance(2_000)
      expect(device.log()).toEqual(['b'])
      expect(after.errors).toMatchObject([{ code: 'invalid-data' }])
      expect(device.disk.records).toHaveLength(1)
      expect(after.client.outbox.storage.get().name).toBe('ready')
    },
  )

  test('[OB1] has a head that nobody can read, under a page that is open: what is stored from then on is found', async () => {
    const device = new Device()
    const before = device.open()
    write(before, 'a')
    await device.server.advance(2_000)
    device.disk.damage('heads', 'not a head')
    device.server.intercept = ({ type }) => type === 'publish'
    const [b, c] = write(before, 'b', 'c')
    await device.server.advance(1_000)
    expect([b?.isStored, c?.isStored]).toEqual([true, true])
    before.kill()
    device.server.intercept = () => false
    const after = device.open()
    after.client.connect()
    await device.server.advance(2_000)
    expect(device.log()).toEqual(['a', 'b', 'c'])
    expect(after.errors).toEqual([])
  })

  test('[OB1] has a head that is repaired while another page looks at it: nothing is removed', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    write(before, 'a')
    await device.settle()
    device.disk.damage('heads', 'not a head')
    let goOn = () => {}
    const answers = [new Promise<void>((resolve) => (goOn = resolve))]
    const pause = async (at: 'effect' | 'answer') => (at === 'answer' ? answers.shift() : undefined)
    const after = device.open({ page: { pause } })
    after.client.connect()
    await device.settle()
    write(before, 'b')
    await device.settle()
    before.kill()
    device.server.mode = 'open'
    goOn()
    await device.server.advance(60_000)
    expect(device.log()).toEqual(['a', 'b'])
    expect(after.errors).toEqual([])
  })

  test('has records of a later version of Tidings: they are left alone', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    write(before, 'a')
    await device.settle()
    before.kill()
    device.disk.damage('heads', { format: 2 })
    device.server.mode = 'open'
    const after = device.open()
    write(after, 'b')
    await device.server.advance(40_000)
    expect(device.log()).toEqual(['b'])
    expect(after.errors).toEqual([])
    expect(device.disk.records).toHaveLength(2)
  })

  test.for([
    null,
    'text',
    {},
    { channel: hall.name, event: 'said', text: 'not JSON', sequence: 1, at: 1 },
    { channel: hall.name, event: 'said', text: '{}', sequence: 1.5, at: 1 },
  ])('has a write that nobody can read (%j): told and removed, the others are sent', async (value) => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    write(before, 'a')
    await device.settle()
    device.disk.damage('rows', value)
    write(before, 'b')
    await device.settle()
    before.kill()
    device.server.mode = 'open'
    const after = device.open()
    after.client.connect()
    await device.server.advance(2_000)
    expect(device.log()).toEqual(['b'])
    expect(after.errors).toMatchObject([{ code: 'invalid-data' }])
    expect(device.disk.records.flatMap(({ rows }) => rows)).toEqual([])
  })

  test('fails while the page is closed: nothing hangs, and nothing is thrown', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open()
    write(page, 'a')
    await device.settle()
    device.disk.fault = 'refused'
    write(page, 'b')
    await device.settle()
    page.client.close()
    await device.settle()
    expect(device.clock.pendingTimers).toBe(0)
    device.disk.fault = undefined
    device.server.mode = 'open'
    const after = device.open()
    after.client.channel(hall).hold()
    await device.clock.settle()
    expect(pending(after)).toEqual(['a'])
  })
})
