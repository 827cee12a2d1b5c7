import { expect, test } from 'vitest'
import { Serials } from '../load/serials.ts'
import { EVENT_MARK, eventData, FIRST_SERIAL } from '../system.ts'

const delivery = (serial: number) => JSON.stringify({ type: 'event', data: eventData(serial) })
const stream = (...serials: readonly number[]) => Buffer.from(serials.map(delivery).join('\u0081\u007e'))

function read(chunks: readonly Buffer[]): Serials {
  const serials = new Serials(EVENT_MARK)
  for (const chunk of chunks) serials.read(chunk)
  return serials
}

test('every delivery is counted, however the bytes were cut', () => {
  const bytes = stream(FIRST_SERIAL, FIRST_SERIAL + 1, FIRST_SERIAL + 2)
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { count, faults, last } = read([bytes.subarray(0, cut), bytes.subarray(cut)])
    expect({ cut, count, faults, last }).toEqual({ cut, count: 3, faults: 0, last: FIRST_SERIAL + 2 })
  }
})

test('bytes that come one by one are read as well', () => {
  const bytes = stream(FIRST_SERIAL, FIRST_SERIAL + 1)
  const { count, faults } = read([...bytes].map((byte) => Buffer.of(byte)))
  expect({ count, faults }).toEqual({ count: 2, faults: 0 })
})

test('a delivery that is lost, doubled or out of order is a fault', () => {
  expect(read([stream(FIRST_SERIAL, FIRST_SERIAL + 2)]).faults).toBe(1)
  expect(read([stream(FIRST_SERIAL, FIRST_SERIAL)]).faults).toBe(1)
  expect(read([stream(FIRST_SERIAL, FIRST_SERIAL + 2, FIRST_SERIAL + 1)]).faults).toBe(2)
})

test('a mark without eight digits after it is something else', () => {
  const { count, faults } = read([Buffer.from(`${EVENT_MARK}1234 and ${EVENT_MARK}`), stream(FIRST_SERIAL)])
  expect({ count, faults }).toEqual({ count: 1, faults: 0 })
})

test('who listens to each serial judges the order by itself', () => {
  const serials = new Serials(EVENT_MARK)
  const seen: number[] = []
  serials.onEach = (serial) => void seen.push(serial)
  serials.read(stream(FIRST_SERIAL + 5, FIRST_SERIAL))
  expect(seen).toEqual([FIRST_SERIAL + 5, FIRST_SERIAL])
  expect(serials.faults).toBe(0)
})
