// Writes that outlive their page: stored, taken up again, sent once, in order, and only for the person who wrote them.

import { channel, formatPosition } from '@tidings/core'
import { describe, expect, test } from 'vitest'
import { Device, hall, pending, statuses, write } from './device.ts'
import { type Said, said } from './world.ts'

describe('[OB1] storing', () => {
  test('a write is stored in the turn of its publish, all of a turn together, and says so', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open()
    const [first] = write(page, 'a', 'b', 'c')
    const told: boolean[] = []
    first?.status.subscribe(() => told.push(first.isStored))
    expect(first?.isStored).toBe(false)
    await device.settle()
    expect(device.disk.commits).toBe(1)
    expect(page.client.outbox.get().map(({ isStored }) => isStored)).toEqual([true, true, true])
    expect(told).toEqual([true])
    expect(first?.status.get()).toEqual({ name: 'queued' })
    expect(page.client.outbox.storage.get().name).toBe('ready')
  })

  test('a thousand accepted writes cost some commits, not a thousand', async () => {
    const device = new Device()
    const page = device.open()
    write(page, ...Array.from({ length: 1_000 }, (_, i) => `${i}`))
    await device.server.advance(2_000)
    expect(device.log()).toHaveLength(1_000)
    expect(device.disk.commits).toBeLessThan(12)
    expect(device.disk.records.map(({ rows }) => rows)).toEqual([[]])
  })

  test('a client without a storage says so, and stores nothing', async () => {
    const device = new Device()
    const page = device.open({ outbox: { storage: undefined } })
    const [only] = write(page, 'a')
    await device.settle()
    expect(only?.isStored).toBe(false)
    expect(page.client.outbox.storage.get().name).toBe('none')
  })

  test('a page that writes nothing leaves nothing', async () => {
    const device = new Device()
    const page = device.open()
    page.client.channel(hall).hold()
    await device.server.advance(2_000)
    page.client.close()
    await device.settle()
    expect(device.disk.records).toEqual([])
    expect(device.clock.pendingTimers).toBe(0)
  })
})

describe('[OB2] the next page', () => {
  test('has the writes of one that was killed, in order, and sends them once', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    write(before, 'a', 'b', 'c')
    await device.settle()
    before.kill()
    const after = device.open()
    const first = after.client.channel(hall)
    first.hold()
    await device.settle()
    expect(pending(after)).toEqual(['a', 'b', 'c'])
    expect(after.client.outbox.get()[0]).toMatchObject({ event: 'said', channel: hall.name, isStored: true })
    write(after, 'd')
    device.server.mode = 'open'
    await device.server.advance(3_000)
    expect(device.log()).toEqual(['a', 'b', 'c', 'd'])
    expect(pending(after)).toEqual([])
    expect(device.disk.records.flatMap(({ rows }) => rows)).toEqual([])
    expect(after.errors).toEqual([])
  })

  test('[row 31] sends again, under the same numbers, what may have been accepted', async () => {
    const device = new Device()
    const before = device.open()
    before.client.connect()
    await device.settle()
    write(before, 'a', 'b')
    await device.clock.settle()
    device.server.last.pair.flushTo('server')
    before.kill()
    const after = device.open()
    write(after, 'c')
    await device.clock.settle()
    expect(pending(after)).toEqual(['a', 'b', 'c'])
    expect(statuses(after)).toEqual(['sent', 'sent', 'queued'])
    const [a] = after.client.outbox.get()
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['a', 'b', 'c'])
    expect(a?.status.get()).toMatchObject({ name: 'accepted', isDuplicate: true })
    await expect(a?.done).resolves.toMatchObject({ offset: 1 })
  })

  test('is the same writer for the others, and numbers nothing twice', async () => {
    const device = new Device()
    const before = device.open()
    write(before, 'a')
    await device.server.advance(2_000)
    const { hello } = device.server.last
    before.kill()
    const after = device.open()
    write(after, 'b')
    await device.server.advance(1_000)
    expect(device.server.last.hello?.producer).toBe(hello?.producer)
    expect(device.server.last.framesOf('publish')).toMatchObject([
      { sequence: 10_000_000_001, previous: 0, producerEpoch: 1 },
    ])
    const [a, b] = device.server.log(hall.name).entries
    expect(a?.by).toBe(b?.by)
  })

  test('a write that was accepted before it was stored takes no number from the next page', async () => {
    const device = new Device()
    const before = device.open()
    write(before, 'a')
    await device.settle()
    device.disk.fault = 'full'
    write(before, 'b')
    await device.settle()
    expect(device.log()).toEqual(['a', 'b'])
    before.kill()
    device.disk.fault = undefined
    const after = device.open()
    const [c] = write(after, 'c')
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['a', 'b', 'c'])
    expect(c?.status.get()).toMatchObject({ name: 'accepted', isDuplicate: false })
  })

  test('close() leaves what is stored to the next client, and refuses the rest', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    const [a] = write(before, 'a')
    await device.settle()
    const [b] = write(before, 'b')
    before.client.close()
    await expect(a?.done).rejects.toMatchObject({ code: 'unavailable' })
    await expect(b?.done).rejects.toMatchObject({ code: 'unavailable' })
    expect(a?.status.get().name).toBe('queued')
    expect(b?.status.get().name).toBe('refused')
    await device.settle()
    expect(device.clock.pendingTimers).toBe(0)
    device.server.mode = 'open'
    const after = device.open()
    after.client.connect()
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['a'])
  })

  test('[row 47] two pages at once have a record each', async () => {
    const device = new Device()
    const [one, two] = [device.open(), device.open()]
    write(one, 'a')
    write(two, 'b')
    await device.settle()
    expect(new Set(device.server.connections.map(({ hello }) => hello?.producer)).size).toBe(2)
    expect(device.log().sort()).toEqual(['a', 'b'])
  })

  test('records of another server are left alone', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open({ url: 'ws://elsewhere.test/v1/socket' })
    write(before, 'a')
    await device.settle()
    before.kill()
    device.server.mode = 'open'
    const after = device.open()
    write(after, 'b')
    await device.server.advance(40_000)
    expect(device.log()).toEqual(['b'])
  })
})

describe('[OB7] writes of an earlier page', () => {
  const room = channel('book/:id', {
    events: { said },
    state: {
      version: 1,
      initial: [] as readonly string[],
      on: { said: (lines, { text }, { isPending }) => [...lines, isPending ? `${text}?` : text] },
    },
  })
  const book = room({ id: 'a' })
  const open = (device: Device) => {
    device.server.log(book.name).fold = (entries) => entries.map(({ data }) => (data as Said).text)
    return device.open()
  }

  test('are in the state again until the log has them, each once', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = open(device)
    for (const text of ['a', 'b']) before.client.channel(book).publish('said', { text })
    await device.settle()
    before.kill()
    device.server.mode = 'open'
    device.server.intercept = ({ type }) => type === 'publish'
    const after = open(device)
    const { state } = after.client.channel(book)
    const shown: unknown[] = []
    state.subscribe(() => shown.push(state.get()))
    await device.settle()
    device.server.intercept = () => false
    device.server.last.pair.cut()
    await device.server.advance(1_000)
    expect(shown).toEqual([
      ['a?', 'b?'],
      ['a', 'b'],
    ])
  })

  test('that may be in the log already are not shown beside themselves', async () => {
    const device = new Device()
    const before = open(device)
    before.client.connect()
    await device.settle()
    before.client.channel(book).publish('said', { text: 'a' })
    await device.clock.settle()
    device.server.last.pair.flushTo('server')
    before.kill()
    const after = open(device)
    const { state } = after.client.channel(book)
    const shown: unknown[] = []
    state.subscribe(() => shown.push(state.get()))
    await device.server.advance(1_000)
    expect(shown).toEqual([['a']])
  })

  test('whose event is gone, or whose data does not fit any more, are refused, and can be seen', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    const old = channel('plain/:room', { events: { said, sung: said } })({ room: 'a' })
    before.client.channel(old).publish('sung', { text: 'la' })
    before.client.channel(old).publish('said', { text: 'ok' })
    await device.settle()
    before.kill()
    const after = device.open()
    after.client.channel(hall).hold()
    await device.settle()
    expect(pending(after)).toEqual(['ok'])
    const [refused] = after.client.outbox.refused.get()
    expect(refused).toMatchObject({ event: 'sung', data: { text: 'la' } })
    expect(refused?.status.get()).toMatchObject({ name: 'refused', error: { code: 'unknown-event' } })
    device.server.mode = 'open'
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['ok'])
    expect(after.client.outbox.clear()).toBe(0)
    expect(after.client.outbox.refused.get()).toEqual([])
  })

  test('of channels that this page never opens are sent all the same', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    write(before, 'a')
    await device.settle()
    before.kill()
    device.server.mode = 'open'
    const after = device.open()
    after.client.connect()
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['a'])
    expect(after.client.outbox.get()).toEqual([])
  })

  test('come before those that were written before the storage was there', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    write(before, 'a')
    await device.settle()
    before.kill()
    let go = () => {}
    const gate = new Promise<void>((resolve) => (go = resolve))
    device.server.mode = 'open'
    const after = device.open({ page: { pause: () => gate } })
    write(after, 'b')
    await device.server.advance(1_000)
    expect(device.server.connections.filter(({ isOpen }) => isOpen)).toEqual([])
    go()
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['a', 'b'])
  })
})

describe('[OB8] bounds', () => {
  test('a thousand writes fit, and five thousand', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open()
    write(page, ...Array.from({ length: 5_000 }, (_, i) => `${i}`))
    expect(() => write(page, 'one more')).toThrow(expect.objectContaining({ code: 'unavailable' }))
  })

  test('what has waited for seven days is refused instead of sent', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open()
    const [old] = write(page, 'old')
    await device.settle()
    device.clock.jump(7 * 86_400_000 + 1)
    write(page, 'new')
    expect(old?.status.get()).toMatchObject({ name: 'refused', error: { code: 'timeout' } })
    device.server.mode = 'open'
    await device.server.advance(40_000)
    expect(device.log()).toEqual(['new'])
  })

  test('on the next page as well, and there it can be seen', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const before = device.open()
    write(before, 'old')
    await device.settle()
    before.kill()
    device.clock.jump(8 * 86_400_000)
    device.server.mode = 'open'
    const after = device.open()
    after.client.connect()
    await device.server.advance(1_000)
    expect(device.log()).toEqual([])
    expect(after.client.outbox.refused.get().map(({ data }) => data)).toEqual([{ text: 'old' }])
    expect(device.disk.records.flatMap(({ rows }) => rows)).toEqual([])
  })
})

describe('[OB10] what is taken back', () => {
  test('clear() empties the storage at once: nothing comes back after a crash', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open()
    write(page, 'a', 'b')
    await device.settle()
    expect(page.client.outbox.clear()).toBe(2)
    await device.settle()
    page.kill()
    device.server.mode = 'open'
    const after = device.open()
    after.client.connect()
    await device.server.advance(1_000)
    expect(device.log()).toEqual([])
  })

  test('clear() on the next page drops what was never sent, and keeps what may be in the log', async () => {
    const device = new Device()
    const before = device.open()
    before.client.connect()
    await device.settle()
    write(before, 'sent')
    await device.clock.settle()
    device.server.last.pair.flushTo('server')
    device.server.last.pair.cut()
    device.server.mode = 'refuse'
    write(before, 'unsent')
    await device.settle()
    before.kill()
    const after = device.open()
    after.client.channel(hall).hold()
    await device.settle()
    expect(pending(after)).toEqual(['sent', 'unsent'])
    expect(after.client.outbox.clear()).toBe(1)
    device.server.mode = 'open'
    await device.server.advance(40_000)
    expect(device.log()).toEqual(['sent'])
  })

  test('[OB11] wipe() after close() leaves nothing of whoever signs out, on no page of theirs that is gone', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    for (const who of [{ user: 'ada' }, {}]) {
      const other = device.open(who)
      write(other, 'a')
      await device.settle()
      other.kill()
    }
    const page = device.open({ user: 'ada' })
    write(page, 'b')
    await device.settle()
    page.client.close()
    await page.storage.wipe()
    expect(device.disk.records).toEqual([])
  })

  test('[OB11] wipe() leaves what somebody else has written on this device, who sends it when they are back', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const bens = device.open({ user: 'ben' })
    write(bens, 'of ben')
    await device.settle()
    bens.client.close()
    const adas = device.open({ user: 'ada' })
    write(adas, 'of ada')
    await device.settle()
    adas.client.close()
    await adas.storage.wipe()
    device.server.mode = 'open'
    device.server.user = 'ben'
    device.open({ user: 'ben' }).client.connect()
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['of ben'])
  })

  test('[OB11] wipe() leaves a record that another person has made theirs while it was looked for', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const nobodys = device.open()
    write(nobodys, 'of nobody yet')
    await device.settle()
    let goOn = () => {}
    let isHeldUp = false
    const answer = new Promise<void>((resolve) => (goOn = resolve))
    const pause = async (at: 'effect' | 'answer') => (isHeldUp && at === 'answer' ? answer : undefined)
    const adas = device.open({ user: 'ada', page: { pause } })
    adas.client.connect()
    await device.settle()
    adas.client.close()
    await device.settle()
    isHeldUp = true
    const wiped = adas.storage.wipe()
    await device.settle()
    // The list of what is there is on its way.
    device.server.mode = 'open'
    device.server.user = 'ben'
    device.server.intercept = ({ type }) => type === 'publish'
    await device.server.advance(40_000)
    nobodys.client.close()
    await device.settle()
    goOn()
    await wiped
    device.server.intercept = () => false
    device.open({ user: 'ben' }).client.connect()
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['of nobody yet'])
  })

  test('[OB11] wipe() before close() is refused, and removes nothing', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open()
    write(page, 'a')
    await device.settle()
    await expect(page.storage.wipe()).rejects.toMatchObject({ code: 'bad-request' })
    expect(device.disk.records).toHaveLength(1)
  })
})

test('the position of a restored write is its first one', async () => {
  const device = new Device()
  const before = device.open()
  before.client.connect()
  await device.settle()
  write(before, 'a')
  await device.clock.settle()
  device.server.last.pair.flushTo('server')
  before.kill()
  device.server.append(hall.name, 'said', { text: 'between' })
  const after = device.open()
  after.client.connect()
  await device.clock.settle()
  const [a] = after.client.outbox.get()
  await device.server.advance(1_000)
  expect(formatPosition((await a?.done) as never)).toBe(device.server.log(hall.name).positionAt(1))
})
