// Records and those who hold them: people who share a device, pages that were frozen, pages that closed with something left.

import type { DiskFault, PageOptions } from '@tidings/testing/outbox-disk'
import { describe, expect, test } from 'vitest'
import { authors, come, Device, hall, leave, type Page, pending, statuses, write } from './device.ts'
import { plain, room, type Said } from './world.ts'

describe('[OB4] [AU7] people who share a device', () => {
  test('nobody sends what somebody else has written, and it waits for its author', async () => {
    const device = new Device()
    await leave(device, 'ada', 'a1', 'a2')
    const ben = await come(device, 'ben')
    write(ben, 'b1')
    await device.server.advance(40_000)
    expect(authors(device)).toEqual(['ben: b1'])
    expect(ben.client.outbox.get()).toEqual([])
    expect(ben.client.outbox.refused.get()).toEqual([])
    ben.kill()
    const ada = await come(device, 'ada')
    expect(authors(device)).toEqual(['ben: b1', 'ada: a1', 'ada: a2'])
    expect(ada.client.connection.get().status).toBe('connected')
  })

  test('nor does somebody anonymous, nor is anything anonymous sent in the name of somebody', async () => {
    const device = new Device()
    await leave(device, 'ada', 'a')
    await leave(device, undefined, 'x')
    const ben = await come(device, 'ben')
    expect(authors(device)).toEqual([])
    ben.kill()
    await come(device, undefined)
    expect(authors(device)).toEqual([': x'])
  })

  test('what is written before the welcome is whoever is welcome, in order', async () => {
    const device = new Device()
    await leave(device, 'ada', 'a')
    device.server.user = 'ben'
    device.server.mode = 'wait'
    const ben = device.open()
    const early = write(ben, 'b1', 'b2')
    await device.settle()
    expect(pending(ben)).toEqual(['a', 'b1', 'b2'])
    expect(early.map(({ isStored }) => isStored)).toEqual([true, true])
    device.server.mode = 'open'
    device.server.last.open()
    await device.server.advance(5_000)
    expect(authors(device)).toEqual(['ben: b1', 'ben: b2'])
    expect(early.map(({ status }) => status.get().name)).toEqual(['accepted', 'accepted'])
    const rows = device.disk.records.flatMap((record) => record.rows)
    expect(rows.map(({ value }) => (value as { text: string }).text)).toEqual(['{"text":"a"}'])
  })

  test('what is written before the welcome of the person whose record it is waits until it stands as theirs', async () => {
    const device = new Device()
    await leave(device, 'ada', 'a')
    device.server.user = 'ada'
    device.server.mode = 'wait'
    const page = device.open()
    write(page, 'b')
    await device.settle()
    device.disk.fault = 'silent'
    device.server.mode = 'open'
    device.server.last.open()
    await device.server.advance(20_000)
    expect(pending(page)).toEqual(['b'])
    page.kill()
    device.disk.fault = undefined
    await come(device, undefined)
    await come(device, 'ada')
    expect(authors(device).sort()).toEqual([': b', 'ada: a'])
  })

  describe('what somebody has written in another person’s record before the welcome', () => {
    /** Ben writes, and is welcomed when this fault is there; Ada's own write waits in the record. */
    async function strand(device: Device, fault: DiskFault) {
      await leave(device, 'ada', 'a')
      device.server.user = 'ben'
      device.server.mode = 'wait'
      const ben = device.open()
      const early = write(ben, 'b1', 'b2')
      await device.settle()
      device.disk.fault = fault
      device.server.mode = 'open'
      device.server.last.open()
      await device.server.advance(20_000)
      return { ben, early }
    }

    test.for(['refused', 'full'] as const)(
      '[OB9] waits where it stands while the storage is %s, and is sent once',
      async (fault) => {
        const device = new Device()
        const { ben, early } = await strand(device, fault)
        expect(device.log()).toEqual([])
        device.disk.fault = undefined
        await device.server.advance(60_000)
        expect(early.map(({ status }) => status.get().name)).toEqual(['accepted', 'accepted'])
        expect(authors(device)).toEqual(['ben: b1', 'ben: b2'])
        ben.kill()
        await come(device, 'ada')
        expect(authors(device)).toEqual(['ben: b1', 'ben: b2', 'ada: a'])
      },
    )

    test('[OB9] is not sent by its page where the storage never answers again: the next one would send it once more', async () => {
      const device = new Device()
      const { ben } = await strand(device, 'silent')
      expect(pending(ben)).toEqual(['b1', 'b2'])
      ben.kill()
      device.disk.fault = undefined
      const ada = await come(device, 'ada')
      expect(authors(device)).toEqual(['ada: a'])
      ada.kill()
      await come(device, undefined)
      expect(authors(device)).toEqual(['ada: a', ': b1', ': b2'])
    })

    test.for(['ada', 'cyd'])(
      'is nobody’s where its page ends before the welcome, though %s comes next',
      async (next) => {
        const device = new Device()
        await leave(device, 'ada', 'a')
        device.server.mode = 'refuse'
        const ben = device.open()
        write(ben, 'b1', 'b2')
        await device.settle()
        ben.kill()
        const after = await come(device, next)
        write(after, 'c')
        await device.server.advance(40_000)
        after.kill()
        const anonymous = await come(device, undefined)
        anonymous.kill()
        await come(device, 'ada')
        expect(authors(device).sort()).toEqual([': b1', ': b2', 'ada: a', `${next}: c`])
      },
    )

    test('[OB5] is nobody’s as well where another page has taken that record over meanwhile', async () => {
      const device = new Device()
      await leave(device, 'ada', 'a')
      const ben = device.open({ page: { isExclusive: false } })
      ben.client.connect()
      await device.settle()
      ben.disk.lose()
      const ada = device.open({ user: 'ada' })
      ada.client.connect()
      await device.settle()
      write(ben, 'b')
      await device.server.advance(10_000)
      for (const page of [ben, ada]) page.kill()
      const again = await come(device, 'ada')
      again.kill()
      expect(authors(device)).toEqual(['ada: a'])
      await come(device, undefined)
      expect(authors(device)).toEqual(['ada: a', ': b'])
    })

    /** Ben writes, and is welcomed while the first of it is being stored and the second waits for that. */
    async function hurry(device: Device) {
      await leave(device, 'ada', 'a')
      device.server.user = 'ben'
      device.server.mode = 'wait'
      let goOn = () => {}
      let answer: Promise<void> | undefined
      const ben = device.open({ page: { pause: async (at) => (at === 'answer' ? answer : undefined) } })
      ben.client.connect()
      await device.settle()
      answer = new Promise((resolve) => (goOn = resolve))
      const early = write(ben, 'b1')
      await device.settle()
      early.push(...write(ben, 'b2'))
      device.server.mode = 'open'
      device.server.last.open()
      await device.settle()
      answer = undefined
      return { ben, early, goOn }
    }

    test('[OB1] is sent once, though it is being stored in that moment', async () => {
      const device = new Device()
      const { ben, goOn } = await hurry(device)
      goOn()
      await device.server.advance(60_000)
      expect(authors(device)).toEqual(['ben: b1', 'ben: b2'])
      ben.kill()
      await come(device, 'ada')
      expect(authors(device)).toEqual(['ben: b1', 'ben: b2', 'ada: a'])
    })

    test('[OB1] is not stored any more where its page refused it because it was closed in that moment', async () => {
      const device = new Device()
      const { ben, early, goOn } = await hurry(device)
      ben.client.close()
      goOn()
      await device.server.advance(60_000)
      expect(early.map(({ status, isStored }) => [status.get().name, isStored])).toEqual([
        ['refused', false],
        ['refused', false],
      ])
      await come(device, 'ada')
      expect(authors(device)).toEqual(['ada: a'])
    })

    test('[OB10] and taken back while the storage was full is gone from there', async () => {
      const device = new Device()
      const { ben } = await strand(device, 'full')
      expect(ben.client.outbox.clear()).toBe(2)
      device.disk.fault = undefined
      await device.server.advance(60_000)
      ben.kill()
      await come(device, 'ada')
      expect(authors(device)).toEqual(['ada: a'])
    })
  })

  test('[OB10] what is taken back on its way from one record to the next is gone from the first', async () => {
    const device = new Device()
    await leave(device, 'ada', 'a')
    device.server.user = 'ben'
    device.server.mode = 'wait'
    let goOn = () => {}
    let answer: Promise<void> | undefined
    const ben = device.open({ page: { pause: async (at) => (at === 'answer' ? answer : undefined) } })
    write(ben, 'b1', 'b2')
    await device.settle()
    answer = new Promise((resolve) => (goOn = resolve))
    device.server.mode = 'open'
    device.server.last.open()
    await device.settle()
    expect(ben.client.outbox.clear()).toBe(2)
    answer = undefined
    goOn()
    await device.server.advance(60_000)
    ben.client.close()
    await device.settle()
    await come(device, 'ada')
    expect(authors(device)).toEqual(['ada: a'])
  })

  test('a record in which nobody was welcome yet is only sent by somebody anonymous', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open()
    write(page, 'x')
    await device.settle()
    page.kill()
    const ben = await come(device, 'ben')
    ben.kill()
    expect(authors(device)).toEqual([])
    await come(device, undefined)
    expect(authors(device)).toEqual([': x'])
  })

  test('an app that names its user shows and sends nothing of anybody else, and need not wait for a welcome', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const ada = device.open({ user: 'ada' })
    write(ada, 'a')
    await device.settle()
    ada.kill()
    const ben = device.open({ user: 'ben' })
    write(ben, 'b')
    await device.settle()
    expect(pending(ben)).toEqual(['b'])
    ben.kill()
    await come(device, 'ada', { user: 'ada' })
    expect(authors(device)).toEqual(['ada: a'])
    await come(device, 'ben', { user: 'ben' })
    expect(authors(device)).toEqual(['ada: a', 'ben: b'])
  })

  test('an app that names the wrong user sends nothing in the name of the other', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const page = device.open({ user: 'ada' })
    const [a] = write(page, 'a')
    await device.settle()
    device.server.user = 'ben'
    device.server.mode = 'open'
    await device.server.advance(10_000)
    expect(a?.status.get()).toMatchObject({ name: 'refused', error: { code: 'forbidden' } })
    write(page, 'b')
    await device.server.advance(1_000)
    expect(authors(device)).toEqual(['ben: b'])
    page.kill()
    await come(device, 'ada', { user: 'ada' })
    expect(authors(device)).toEqual(['ben: b', 'ada: a'])
  })

  test('a client whose person changes leaves what was pending to the first', async () => {
    const device = new Device()
    const page = await come(device, 'ada')
    device.server.last.pair.cut()
    device.server.mode = 'refuse'
    const [a] = write(page, 'a')
    await device.server.advance(5_000)
    device.server.user = 'ben'
    device.server.mode = 'open'
    await device.server.advance(40_000)
    expect(a?.status.get()).toMatchObject({ name: 'refused', error: { code: 'forbidden' } })
    write(page, 'b')
    await device.server.advance(1_000)
    page.kill()
    await come(device, 'ada')
    expect(authors(device)).toEqual(['ben: b', 'ada: a'])
  })
})

describe('[OB6] several pages that closed with something left', () => {
  test('one page sends it all, each in its order and under its own name', async () => {
    const device = new Device()
    const pages: Page[] = []
    for (let i = 0; i < 3; i++) pages.push(await come(device, 'ada'))
    for (const { pair } of device.server.connections) pair.cut()
    device.server.mode = 'refuse'
    for (const [i, page] of pages.entries()) write(page, `${i}a`, `${i}b`)
    await device.settle()
    for (const page of pages) page.kill()
    const after = await come(device, 'ada')
    expect(device.log().sort()).toEqual(['0a', '0b', '1a', '1b', '2a', '2b'])
    for (const i of [0, 1, 2]) {
      const own = device.server.log(hall.name).entries.filter(({ data }) => (data as Said).text[0] === `${i}`)
      expect(own.map(({ data }) => (data as Said).text)).toEqual([`${i}a`, `${i}b`])
      expect(new Set(own.map(({ by }) => by)).size).toBe(1)
    }
    expect(device.server.connections.filter(({ isOpen }) => isOpen)).toHaveLength(1)
    expect(device.disk.records).toHaveLength(1)
    expect(after.client.outbox.get()).toEqual([])
    after.client.close()
    await device.settle()
    expect(device.clock.pendingTimers).toBe(0)
  })

  test('a page that is open already takes over within half a minute', async () => {
    const device = new Device()
    const [one, two] = [await come(device, undefined), await come(device, undefined)]
    device.server.intercept = ({ type }) => type === 'publish'
    write(two, 'a')
    await device.settle()
    two.kill()
    device.server.intercept = () => false
    await device.server.advance(31_000)
    expect(device.log()).toEqual(['a'])
    expect(one.client.outbox.get()).toEqual([])
  })

  test('what is sent for another page can be seen meanwhile, and what is refused of it as well', async () => {
    const device = new Device()
    const [one, two] = [await come(device, undefined), await come(device, undefined)]
    device.server.intercept = ({ type }) => type === 'publish'
    write(two, 'a')
    await device.settle()
    two.kill()
    await device.server.advance(31_000)
    expect(pending(one)).toEqual(['a'])
    expect(statuses(one)).toEqual(['sent'])
    const heir = device.server.last
    const [publish] = heir.framesOf('publish')
    heir.send({ type: 'error', id: publish?.id, code: 'forbidden', message: 'No.' })
    await device.settle()
    expect(pending(one)).toEqual([])
    expect(one.client.outbox.refused.get()).toMatchObject([{ data: { text: 'a' } }])
    expect(heir.isOpen).toBe(false)
  })

  test('an heir that finds no connection leaves everything as it was, and another try is made', async () => {
    const device = new Device()
    const [one, two] = [await come(device, undefined), await come(device, undefined)]
    device.server.intercept = ({ type }) => type === 'publish'
    write(two, 'a')
    await device.settle()
    two.kill()
    device.server.intercept = () => false
    device.server.mode = 'refuse'
    await device.server.advance(31_000)
    expect(pending(one)).toEqual([])
    device.server.mode = 'open'
    await device.server.advance(31_000)
    expect(device.log()).toEqual(['a'])
  })

  test('the page that goes on is closed in the middle: nothing is lost or doubled', async () => {
    const device = new Device()
    const pages = [await come(device, undefined), await come(device, undefined)]
    device.server.intercept = ({ type }) => type === 'publish'
    for (const [i, page] of pages.entries()) write(page, `${i}`)
    await device.settle()
    for (const page of pages) page.kill()
    const between = device.open()
    between.client.connect()
    await device.settle()
    between.client.close()
    await device.settle()
    expect(device.clock.pendingTimers).toBe(0)
    device.server.intercept = () => false
    await come(device, undefined)
    expect(device.log().sort()).toEqual(['0', '1'])
  })
})

describe('[OB5] [PB5] a page that was frozen for so long that it lost its record', () => {
  const lent = { page: { isExclusive: false } }

  test('[row 47] sends nothing of what another page has taken over; what it writes then goes under another name', async () => {
    const device = new Device()
    const frozen = device.open(lent)
    frozen.client.connect()
    await device.settle()
    device.server.last.pair.cut()
    device.server.mode = 'refuse'
    const [a, b] = write(frozen, 'a', 'b')
    await device.settle()
    frozen.disk.lose()
    device.server.mode = 'open'
    const after = device.open(lent)
    after.client.connect()
    await device.clock.advance(10)
    await device.settle()
    expect(device.log()).toEqual(['a', 'b'])
    const [c] = write(frozen, 'c')
    await device.server.advance(40_000)
    expect(device.log()).toEqual(['a', 'b', 'c'])
    expect(a?.status.get()).toMatchObject({ name: 'refused', error: { code: 'fenced' } })
    expect(b?.status.get()).toMatchObject({ name: 'refused', error: { code: 'fenced' } })
    expect(c?.status.get()).toMatchObject({ name: 'accepted' })
    const [first, , third] = device.server.log(hall.name).entries
    expect(third?.by).not.toBe(first?.by)
  })

  describe('and whose state begins anew before it knows', () => {
    /** A page that wrote `a` while the server was away, what its app was shown since, and the log, which is another one now. */
    async function sleep(device: Device, page: PageOptions = {}) {
      const shown: (readonly string[])[] = []
      const log = device.server.log(room.name)
      log.fold = (entries) => entries.map(({ data }) => (data as Said).text)
      const sleeper = device.open({ page: { isExclusive: false, ...page } })
      const { state } = sleeper.client.channel(room)
      state.subscribe(() => shown.push(state.get()?.map((text) => text.replace(/\?? #.*/, '')) ?? []))
      await device.settle()
      device.server.last.pair.cut()
      device.server.mode = 'refuse'
      const write = sleeper.client.channel(room).publish('said', { text: 'a' })
      await device.settle()
      log.lose('e2')
      device.server.mode = 'open'
      return { page: sleeper, shown, write }
    }

    test('[OB5] [OB7] is shown once what another page has taken over and sent', async () => {
      const device = new Device()
      const { page, shown, write } = await sleep(device)
      page.disk.lose()
      device.open(lent).client.connect()
      await device.clock.advance(10)
      await device.settle()
      expect(device.log(room.name)).toEqual(['a'])
      expect(write.status.get().name).toBe('queued')
      shown.length = 0
      await device.server.advance(5_000)
      expect(write.status.get()).toMatchObject({ name: 'refused', error: { code: 'fenced' } })
      expect(shown).not.toEqual([])
      for (const texts of shown) expect(texts).toEqual(['a'])
    })

    test('[OB5] [OB7] nor does a commit tell that was made before it began anew', async () => {
      const device = new Device()
      let goOn = () => {}
      let answer: Promise<void> | undefined
      const { page, shown } = await sleep(device, {
        pause: async (at) => (at === 'answer' ? answer : undefined),
      })
      answer = new Promise((resolve) => (goOn = resolve))
      page.client.channel(room).publish('said', { text: 'b' })
      await device.clock.settle()
      page.disk.lose()
      device.open(lent).client.connect()
      await device.clock.advance(10)
      await device.settle()
      expect(device.log(room.name)).toEqual(['a', 'b'])
      shown.length = 0
      await device.server.advance(3_000)
      expect(page.client.connection.get().status).toBe('connected')
      expect(pending(page)).toEqual(['a', 'b'])
      answer = undefined
      goOn()
      await device.server.advance(5_000)
      expect(pending(page)).toEqual([])
      expect(shown).not.toEqual([])
      for (const texts of shown) expect(texts).toEqual(['a', 'b'])
    })

    test('[OB7] and is shown at once where the record is its own still, though its write has to wait', async () => {
      const device = new Device()
      const { page, write } = await sleep(device)
      device.server.log(room.name).append('said', { text: 'b' })
      device.server.intercept = ({ type, ...frame }, connection) => {
        if (type === 'publish' && 'id' in frame)
          connection.send({
            type: 'error',
            id: frame.id,
            code: 'rate-limited',
            message: 'Later.',
            retryAfterMs: 60_000,
          })
        return type === 'publish'
      }
      await device.server.advance(5_000)
      expect(write.status.get().name).toBe('queued')
      expect(page.client.channel(room).state.get()).toMatchObject(['b', expect.stringMatching(/^a\? /)])
    })
  })

  test('whose connection lives on is fenced by the log', async () => {
    const device = new Device()
    const frozen = await come(device, undefined, lent)
    const before = device.server.last
    write(frozen, 'a')
    await device.server.advance(2_000)
    device.server.intercept = ({ type }, connection) => type === 'publish' && connection === before
    const late = write(frozen, 'b', 'c')
    await device.settle()
    frozen.disk.lose()
    const after = await come(device, undefined, lent)
    expect(device.log()).toEqual(['a', 'b', 'c'])
    device.server.intercept = () => false
    // What was under way all the time arrives.
    for (const frame of before.framesOf('publish').slice(-2)) device.server.answer(frame, before)
    const [d] = write(frozen, 'd')
    await device.server.advance(40_000)
    expect(device.log()).toEqual(['a', 'b', 'c', 'd'])
    expect(late.map(({ status }) => status.get().name)).toEqual(['refused', 'refused'])
    expect(d?.status.get().name).toBe('accepted')
    expect(after.client.outbox.get()).toEqual([])
  })

  test('and does not know it yet does not take it up again beside itself', async () => {
    const device = new Device()
    const page = await come(device, undefined, lent)
    device.server.intercept = ({ type }) => type === 'publish'
    write(page, 'a')
    await device.settle()
    page.disk.lose()
    await device.server.advance(40_000)
    expect(pending(page)).toEqual(['a'])
    expect(device.server.connections).toHaveLength(1)
    device.server.intercept = () => false
    device.server.last.pair.cut()
    await device.server.advance(40_000)
    expect(device.log()).toEqual(['a'])
    expect(pending(page)).toEqual([])
    expect(device.disk.records.flatMap(({ rows }) => rows)).toEqual([])
  })

  test('a write is not sent before it is stored where nothing else tells whose the record is', async () => {
    const device = new Device()
    const page = await come(device, undefined, lent)
    device.disk.fault = 'silent'
    write(page, 'a')
    await device.settle()
    expect(device.log()).toEqual([])
    await device.server.advance(6_000)
    expect(page.client.outbox.storage.get().name).toBe('failing')
    expect(device.log()).toEqual(['a'])
  })

  test('a name that somebody else uses is given up: what was sent is refused, the rest goes on', async () => {
    const device = new Device()
    const page = await come(device, undefined)
    write(page, 'a')
    await device.server.advance(2_000)
    const log = device.server.log(hall.name)
    for (const producer of log.producers.keys()) log.epochs.set(producer, 7)
    const other = plain({ room: 'b' })
    const [b] = write(page, 'b')
    await device.settle()
    page.client.channel(other).publish('said', { text: 'elsewhere' })
    write(page, 'c')
    await device.server.advance(5_000)
    expect(b?.status.get()).toMatchObject({ name: 'refused', error: { code: 'fenced' } })
    expect(device.log()).toEqual(['a', 'c'])
    expect(device.log(other.name)).toEqual(['elsewhere'])
  })
})
