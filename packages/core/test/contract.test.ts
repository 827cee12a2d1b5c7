import { channel, defineContract, TidingsError, validate, validateOrThrow } from '@tidings/core'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

const events = { said: z.object({ text: z.string() }) }
const room = channel('room/:room', { events })
const seat = channel('room/:room/seat/:seat', { events })

describe('the name of a channel', () => {
  const contract = defineContract({ room, seat })

  test('is made of the pattern and its parameters, and leads back to both', () => {
    const ref = seat({ room: 'blue', seat: '7' })
    expect(ref.name).toBe('room/blue/seat/7')
    const found = contract.resolve(ref.name)
    expect(found?.definition).toBe(seat.definition)
    expect({ ...found?.params }).toEqual({ room: 'blue', seat: '7' })
  })

  test.each(['', '/', '.', '..', 'a/b', 'a b', 'ä', 'a%2Fb', '*', '>', '{x}', 'a\u0000', 'x'.repeat(300)])(
    'cannot hold the parameter %j',
    (value) => {
      expect(() => room({ room: value })).toThrow(TidingsError)
      expect(contract.resolve(`room/${value}`)?.params.room).not.toBe(value)
    },
  )

  test.each(['__proto__', 'constructor', 'toString'])('may hold %s like any other word', (value) => {
    const found = contract.resolve(room({ room: value }).name)
    expect(found?.params.room).toBe(value)
    expect(contract.resolve(value)).toBeUndefined()
  })
})

describe('a contract', () => {
  test('refuses two patterns that could claim the same name, and says which', () => {
    const other = channel('room/:name', { events })
    const fixed = channel('room/lobby', { events })
    expect(() => defineContract({ room, other })).toThrow('"room/:room" and "room/:name"')
    expect(() => defineContract({ room, fixed })).toThrow('"room/:room" and "room/lobby"')
  })

  test.each(['', 'a//b', '/a', ':', ':a/:a', 'a b', 'a/..'])('refuses the pattern %j', (pattern) => {
    expect(() => defineContract({ a: channel(pattern, { events }) })).toThrow(TypeError)
  })

  const it = z.object({})
  const on = {}
  test.each<[string, Parameters<typeof channel>[1], string]>([
    ['an event without a name', { events: { '': it } }, 'the name ""'],
    ['a name that no frame can carry', { events, signals: { ['x'.repeat(129)]: it } }, 'the name "xxxx'],
    ['a version between two', { events, state: { version: 1.5, initial: 0, on } }, 'version 1.5'],
    ['a version below zero', { events, state: { version: -1, initial: 0, on } }, 'version -1'],
    ['a retention of no number', { events, retention: { entries: Number.NaN } }, 'NaN entries'],
    ['a retention of no time', { events, retention: { ageMs: 0 } }, '0 ms'],
  ])('refuses %s, and says what it found', (_, options, words) => {
    expect(() => defineContract({ it: channel('it/:id', options) })).toThrow(`The channel "it/:id" has`)
    expect(() => defineContract({ it: channel('it/:id', options) })).toThrow(words)
  })

  test('may keep everything', () => {
    const kept = channel('kept', { events, retention: { entries: Number.POSITIVE_INFINITY } })
    expect(defineContract({ kept }).resolve('kept')?.definition).toBe(kept.definition)
  })
})

describe('validation', () => {
  const schemas = {
    zod: z.object({ items: z.array(z.object({ name: z.string().trim().min(1) })) }),
    valibot: v.object({ items: v.array(v.object({ name: v.pipe(v.string(), v.trim(), v.minLength(1)) })) }),
  }
  test.each(Object.entries(schemas))('by %s gives the schema’s output, or names the field', (_, schema) => {
    expect(validate(schema, { items: [{ name: ' Ada ' }] }, 'data')).toEqual({
      ok: true,
      value: { items: [{ name: 'Ada' }] },
    })
    expect(validate(schema, { items: [{ name: 'Ada' }, { name: ' ' }] }, 'data')).toMatchObject({
      ok: false,
      field: 'data.items[1].name',
    })
  })

  test('that would have to wait is refused: the order of a log cannot', () => {
    const slow = z.string().refine(async () => true)
    expect(() => validate(slow, 'x', 'data')).toThrow('asynchronously')
  })

  test('throws with the code that it is given, and the field', () => {
    const attempt = () => validateOrThrow(z.number(), 'x', { root: 'state', code: 'invalid-data' })
    expect(attempt).toThrow(expect.objectContaining({ code: 'invalid-data', field: 'state' }))
  })
})
