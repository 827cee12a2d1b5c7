// What nobody is known to have written: who is told of it, who may take it as theirs, and who may throw it away.

import { describe, expect, test } from 'vitest'
import { authors, come, Device, leave, type Page, pending, write } from './device.ts'
import type { Said } from './world.ts'

/** Opens a page while there is no server, writes, and closes it without a word. */
async function strand(device: Device, ...texts: string[]): Promise<void> {
  device.server.mode = 'refuse'
  const page = device.open()
  write(page, ...texts)
  await device.settle()
  page.kill()
}

const count = ({ storage }: Page) => storage.unclaimed.get()
const rows = ({ disk }: Device) => disk.records.flatMap((record) => record.rows)

describe('[OB4] what nobody is known to have written', () => {
  test('is told to the person who is welcome next, who neither sends nor shows it', async () => {
    const device = new Device()
    await strand(device, 'x1', 'x2')
    await strand(device, 'y')
    device.server.user = 'ada'
    const ada = device.open()
    const told: number[] = []
    ada.storage.unclaimed.subscribe(() => told.push(count(ada)))
    ada.client.connect()
    await device.settle()
    expect(count(ada)).toBe(0)
    device.server.mode = 'open'
    await device.server.advance(10_000)
    expect(told.at(-1)).toBe(3)
    expect(pending(ada)).toEqual([])
    expect(device.log()).toEqual([])
  })

  test('is sent as theirs by whoever claims it, each page’s in its order, and by nobody else', async () => {
    const device = new Device()
    await strand(device, 'x1', 'x2', 'x3')
    await device.server.advance(1_000)
    await strand(device, 'x4')
    const ada = await come(device, 'ada')
    const claimed = ada.storage.claim()
    await device.server.advance(10_000)
    expect(await claimed).toBe(4)
    expect(authors(device).sort()).toEqual(['ada: x1', 'ada: x2', 'ada: x3', 'ada: x4'])
    expect(device.log().filter((text) => text !== 'x4')).toEqual(['x1', 'x2', 'x3'])
    expect(count(ada)).toBe(0)
    expect(rows(device)).toEqual([])
    ada.kill()
    for (const person of ['ben', undefined]) (await come(device, person)).kill()
    expect(device.log()).toHaveLength(4)
  })

  test('[OB7] and refused is told at once, though another write of that page still waits for its answer', async () => {
    const device = new Device()
    await strand(device, 'x1', 'x2')
    const ada = await come(device, 'ada')
    device.server.intercept = (frame, connection) => {
      if (frame.type !== 'publish') return false
      const { id, data } = frame
      if ((data as Said).text === 'x1')
        connection.send({ type: 'error', id, code: 'forbidden', message: 'Not you.' })
      return true
    }
    await Promise.all([ada.storage.claim(), device.server.advance(5_000)])
    expect(pending(ada)).toEqual(['x2'])
    expect(ada.client.outbox.refused.get().map(({ data }) => (data as Said).text)).toEqual(['x1'])
  })

  test('is gone for good where it is discarded', async () => {
    const device = new Device()
    await strand(device, 'x1', 'x2')
    const ada = await come(device, 'ada')
    const discarded = ada.storage.discard()
    await device.settle()
    expect(await discarded).toBe(2)
    expect(count(ada)).toBe(0)
    expect(rows(device)).toEqual([])
    ada.kill()
    await come(device, undefined)
    expect(device.log()).toEqual([])
  })

  test('waits for who knows who they are: before the first welcome and after the last word nothing is given away', async () => {
    const device = new Device()
    await strand(device, 'x')
    device.server.user = 'ada'
    const ada = device.open()
    const { claim, discard } = ada.storage
    for (const deed of [claim, discard]) await expect(deed()).rejects.toMatchObject({ code: 'bad-request' })
    ada.client.connect()
    device.server.mode = 'open'
    await device.server.advance(10_000)
    ada.client.close()
    for (const deed of [claim, discard]) await expect(deed()).rejects.toMatchObject({ code: 'bad-request' })
    expect(rows(device)).toHaveLength(1)
  })

  test('is found in what anonymous pages have left as well, and theirs where nobody else comes', async () => {
    const device = new Device()
    const anonymous = await come(device, undefined)
    write(anonymous, 'hers')
    await device.server.advance(1_000)
    anonymous.kill()
    await strand(device, 'x1')
    // Whoever comes next sees what waits, and adds to it, before anybody knows who that is.
    device.server.mode = 'refuse'
    const next = device.open()
    write(next, 'x2')
    await device.settle()
    expect(pending(next)).toEqual(['x1', 'x2'])
    next.kill()
    const ada = await come(device, 'ada')
    expect(count(ada)).toBe(2)
    expect(device.log()).toEqual(['hers'])
    const claimed = ada.storage.claim()
    await device.server.advance(10_000)
    expect(await claimed).toBe(2)
    expect(authors(device).slice(1)).toEqual(['ada: x1', 'ada: x2'])
    ada.kill()
    await strand(device, 'y')
    await come(device, undefined)
    await device.server.advance(1_000)
    expect(device.log()).toEqual(['hers', 'x1', 'x2', 'y'])
    expect(rows(device)).toEqual([])
  })

  test('is found in another person’s record as well, which is left as it is', async () => {
    const device = new Device()
    await leave(device, 'ada', 'a')
    await strand(device, 'x')
    const cyd = await come(device, 'cyd', { user: 'cyd' })
    expect(count(cyd)).toBe(1)
    const claimed = cyd.storage.claim()
    await device.server.advance(10_000)
    expect(await claimed).toBe(1)
    cyd.kill()
    await come(device, 'ada')
    expect(authors(device)).toEqual(['cyd: x', 'ada: a'])
  })

  test('is thrown out of another person’s record, which is left as it is', async () => {
    const device = new Device()
    await leave(device, 'ada', 'a')
    await strand(device, 'x')
    const cyd = await come(device, 'cyd', { user: 'cyd' })
    const discarded = cyd.storage.discard()
    await device.settle()
    expect(await discarded).toBe(1)
    cyd.kill()
    for (const person of [undefined, 'ada']) (await come(device, person)).kill()
    expect(authors(device)).toEqual(['ada: a'])
  })

  test('[OB6] is looked for every half a minute: what others leave, and what others take', async () => {
    const device = new Device()
    const ada = await come(device, 'ada')
    const ben = await come(device, 'ben')
    await strand(device, 'x')
    device.server.mode = 'open'
    expect([ada, ben].map(count)).toEqual([0, 0])
    await device.server.advance(31_000)
    expect([ada, ben].map(count)).toEqual([1, 1])
    const claimed = ben.storage.claim()
    await device.server.advance(31_000)
    expect(await claimed).toBe(1)
    expect([ada, ben].map(count)).toEqual([0, 0])
    expect(authors(device)).toEqual(['ben: x'])
  })

  test('is not what a page that is open has written and will send: nobody else is told of it, or can take it', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const open = device.open()
    write(open, 'x')
    await device.settle()
    open.client.disconnect()
    const ben = await come(device, 'ben', { user: 'ben' })
    expect(count(ben)).toBe(0)
    for (const deed of [ben.storage.claim, ben.storage.discard]) {
      const done = deed()
      await device.settle()
      expect(await done).toBe(0)
    }
    device.server.user = 'ada'
    open.client.connect()
    await device.server.advance(40_000)
    expect(authors(device)).toEqual(['ada: x'])
  })

  test('is sent without asking by somebody anonymous, to whom nothing is told', async () => {
    const device = new Device()
    await leave(device, 'ada', 'a')
    await strand(device, 'x')
    device.server.user = undefined
    device.server.mode = 'open'
    const page = device.open()
    const told: number[] = []
    page.storage.unclaimed.subscribe(() => told.push(count(page)))
    page.client.connect()
    await device.server.advance(40_000)
    expect(authors(device)).toEqual([': x'])
    expect(told).toEqual([])
  })

  test('does not come to be where the app names its user', async () => {
    const device = new Device()
    device.server.mode = 'refuse'
    const ada = device.open({ user: 'ada' })
    write(ada, 'a')
    await device.settle()
    ada.kill()
    const ben = await come(device, 'ben', { user: 'ben' })
    expect(count(ben)).toBe(0)
    ben.kill()
    await come(device, 'ada', { user: 'ada' })
    expect(authors(device)).toEqual(['ada: a'])
  })

  test('is claimed without a connection too, by who was welcome before, and sent with the next one', async () => {
    const device = new Device()
    const ada = await come(device, 'ada')
    device.server.last.pair.cut()
    await strand(device, 'x')
    const claimed = ada.storage.claim()
    await device.settle()
    expect(await claimed).toBe(1)
    ada.kill()
    const ben = await come(device, 'ben')
    expect(count(ben)).toBe(0)
    await come(device, 'ada')
    expect(authors(device)).toEqual(['ada: x'])
  })

  test.for(['claim', 'discard'] as const)(
    'and cannot be reached, since the storage refuses: %s() says so, and it can be tried again',
    async (deed) => {
      const device = new Device()
      await strand(device, 'x')
      const ada = await come(device, 'ada')
      device.disk.fault = 'refused'
      const { storage } = ada
      await expect(Promise.all([storage[deed](), device.settle()])).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('storage'),
      })
      device.disk.fault = undefined
      const done = storage[deed]()
      await device.server.advance(10_000)
      expect(await done).toBe(1)
      expect(rows(device)).toEqual([])
      expect(authors(device)).toEqual(deed === 'claim' ? ['ada: x'] : [])
    },
  )

  test('is not waited for where the storage does not answer', async () => {
    const device = new Device()
    await strand(device, 'x')
    const ada = await come(device, 'ada')
    device.disk.fault = 'silent'
    const claimed = ada.storage.claim().catch(({ message }: Error) => message)
    await device.server.advance(5_000)
    expect(await claimed).toContain('does not answer')
  })

  test('is theirs though the page ends at any step of the claim, once, or nobody’s still', async () => {
    for (let diesAt = 0, wasOver = false; !wasOver; diesAt++) {
      const device = new Device()
      await leave(device, 'ada', 'a')
      await strand(device, 'x1', 'x2')
      await strand(device, 'y')
      const ben = await come(device, 'ben')
      ben.disk.diesAt = ben.disk.points + diesAt
      let isDone = false
      void ben.storage.claim().then(() => (isDone = true))
      await device.settle()
      ben.kill()
      const again = await come(device, 'ben')
      const left = count(again)
      again.kill()
      await come(device, undefined)
      const log = device.log().filter((text) => text !== 'y')
      expect(log, `at step ${diesAt}`).toEqual(['x1', 'x2'])
      expect(device.log()).toHaveLength(3)
      if (isDone) expect(authors(device).sort()).toEqual(['ben: x1', 'ben: x2', 'ben: y'])
      wasOver = isDone && left === 0
    }
  })
})

describe('[OB4] what stands as nobody’s because the storage fails', () => {
  /** Somebody writes before the welcome, and the disk is full by then. */
  async function hurry(device: Device, user: string | undefined): Promise<Page> {
    device.server.user = user
    device.server.mode = 'wait'
    const page = device.open()
    write(page, 'x')
    await device.settle()
    device.disk.fault = 'full'
    device.server.mode = 'open'
    device.server.last.open()
    await device.server.advance(20_000)
    return page
  }

  test('is not sent before it stands as theirs: whoever comes next would send it once more', async () => {
    const device = new Device()
    const ada = await hurry(device, 'ada')
    expect(pending(ada)).toEqual(['x'])
    expect(device.log()).toEqual([])
    ada.kill()
    device.disk.fault = undefined
    await come(device, undefined)
    expect(authors(device)).toEqual([': x'])
  })

  test('is sent, once, when there is room again', async () => {
    const device = new Device()
    const ada = await hurry(device, 'ada')
    device.disk.fault = undefined
    await device.server.advance(60_000)
    expect(authors(device)).toEqual(['ada: x'])
    ada.kill()
    await come(device, undefined)
    expect(authors(device)).toEqual(['ada: x'])
  })

  test('is sent at once by somebody anonymous, and not once more by a page beside, though the first ends before the answer', async () => {
    const device = new Device()
    const beside = await come(device, undefined)
    device.server.intercept = (frame, connection) => {
      if (frame.type !== 'publish') return false
      // The log has it, and nobody hears so.
      connection.send = () => {}
      device.server.answer(frame, connection)
      connection.pair.cut()
      device.server.mode = 'refuse'
      return true
    }
    const page = await hurry(device, undefined)
    expect(device.log()).toEqual(['x'])
    page.kill()
    device.server.intercept = () => false
    device.server.mode = 'open'
    device.disk.fault = undefined
    beside.client.reconnect()
    await device.server.advance(61_000)
    expect(device.log()).toEqual(['x'])
    expect(rows(device)).toEqual([])
  })
})

describe('[OB11] wipe() of a page that was never welcome', () => {
  test('removes what it has written, and leaves what is somebody else’s', async () => {
    const device = new Device()
    await leave(device, 'ada', 'a')
    device.server.mode = 'refuse'
    const page = device.open()
    write(page, 'x')
    await device.settle()
    page.client.close()
    await page.storage.wipe()
    await device.settle()
    page.kill()
    for (const person of [undefined, 'ada']) (await come(device, person)).kill()
    expect(authors(device)).toEqual(['ada: a'])
  })
})
