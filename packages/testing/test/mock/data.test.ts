import { channel, defineContract, type Schema } from '@tidings/core'
import { VirtualClock } from '@tidings/testing'
import { createMock, type MockOptions } from '@tidings/testing/mock'
import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'

/** What is made for `happened` of a contract of one channel, so often. */
async function made<S extends Schema>(
  schema: S,
  {
    times = 40,
    params = { id: 'seven' },
    ...options
  }: Partial<MockOptions<never>> & { times?: number; params?: { id: string } } = {},
): Promise<Record<string, unknown>[]> {
  const thing = channel('thing/:id', { events: { happened: schema } })
  const clock = new VirtualClock()
  const mock = createMock({ contract: defineContract({ thing }), clock, ...options })
  onTestFinished(() => mock.close())
  const { client, heard } = await listen(mock, clock, thing(params))
  for (let i = 0; i < times; i++) await mock.publish(thing(params), 'happened')
  await clock.settle()
  client.close()
  return heard
}

async function listen(
  mock: ReturnType<typeof createMock>,
  clock: VirtualClock,
  ref: Parameters<typeof mock.publish>[0],
) {
  const heard: Record<string, unknown>[] = []
  const client = mock.person('listener')
  client.channel(ref).onAny(({ data }) => heard.push(data as Record<string, unknown>))
  await clock.settle()
  return { client, heard }
}

const now = new VirtualClock().now()
const DAY_MS = 86_400_000

describe('data invented from a schema', () => {
  it('is what the schema takes, whatever it asks for', async () => {
    const schema = z.object({
      id: z.uuid(),
      email: z.email(),
      url: z.url(),
      short: z.string().min(3).max(5),
      count: z.number().int().min(100).max(110),
      ratio: z.number().gt(0).lt(1),
      step: z.number().multipleOf(0.5).min(1).max(4),
      negative: z.number().max(-5),
      at: z.iso.datetime(),
      day: z.iso.date(),
      kind: z.literal('a'),
      flag: z.boolean(),
      either: z.union([z.object({ a: z.string() }), z.object({ b: z.number() })]),
      maybe: z.string().nullable(),
      pair: z.tuple([z.string(), z.number()]),
      list: z.array(z.string()).min(2).max(3),
      map: z.record(z.string(), z.boolean()),
      both: z.object({ x: z.string() }).and(z.object({ y: z.number() })),
      defaulted: z.string().default('x'),
      even: z
        .number()
        .int()
        .refine((n) => n % 2 === 0),
      anything: z.unknown(),
    })
    for (const each of await made(schema)) expect(() => schema.parse(each)).not.toThrow()
  })

  it('ends, where a schema refers to itself', async () => {
    const branch = z.object({
      name: z.string(),
      get children() {
        return z.array(branch)
      },
    })
    expect(await made(branch, { times: 5 })).toHaveLength(5)
  })

  it('takes the channel’s parameters up, keeps one person together, and dates what happens near now', async () => {
    const schema = z.object({
      id: z.string(),
      userId: z.string(),
      userName: z.string(),
      email: z.string(),
      timestamp: z.number(),
      createdAt: z.iso.datetime(),
      dueDate: z.iso.date(),
    })
    for (const each of await made(schema)) {
      const { id, userId, userName, email, timestamp, createdAt, dueDate } = schema.parse(each)
      expect(id).toBe('seven')
      const plain = userName
        .normalize('NFD')
        .replace(/[^a-zA-Z ]/g, '')
        .toLowerCase()
      expect(userId).toBe(plain.replace(' ', '-'))
      expect(email).toBe(`${plain.replace(' ', '.')}@example.com`)
      expect(Math.abs(timestamp - now)).toBeLessThan(DAY_MS)
      expect(Math.abs(Date.parse(createdAt) - now)).toBeLessThan(DAY_MS)
      expect(Date.parse(dueDate) - now).toBeGreaterThanOrEqual(-DAY_MS)
      expect(Date.parse(dueDate) - now).toBeLessThan(15 * DAY_MS)
    }
  })

  it('moves what is shown live in small steps', async () => {
    const schema = z.object({ progress: z.number().int().min(0).max(100) })
    const shown = (await made(schema)).map((each) => schema.parse(each).progress)
    const steps = shown.slice(1).map((progress, i) => Math.abs(progress - (shown[i] as number)))
    expect(Math.max(...steps)).toBeLessThanOrEqual(10)
    expect(new Set(shown).size).toBeGreaterThan(5)
  })

  it('is no lorem ipsum, and not always the same', async () => {
    const schema = z.object({ title: z.string(), message: z.string(), company: z.string() })
    const texts = (await made(schema)).flatMap((each) => Object.values(each))
    expect(new Set(texts).size).toBeGreaterThan(15)
    expect(texts.join(' ')).not.toMatch(/lorem|ipsum|foo|test|undefined/i)
  })

  it('prefers the examples that a schema names', async () => {
    const schema = z.object({ motto: z.string().meta({ examples: ['Onward'] }) })
    expect(await made(schema, { times: 1 })).toEqual([{ motto: 'Onward' }])
  })
})

describe('data by generators', () => {
  const text = v.object({ text: v.pipe(v.string(), v.minLength(1)) })
  const thing = channel('thing/:id', { events: { said: text, cleared: v.object({}) } })
  const contract = defineContract({ thing })

  it('is counted, knows what came before, and draws from the seed', async () => {
    const clock = new VirtualClock()
    const mock = createMock({
      contract,
      clock,
      data: {
        thing: {
          said: ({ n, previous, params }) => ({
            text: `${params.id} ${n} ${JSON.stringify(previous ?? null)}`,
          }),
        },
      },
    })
    onTestFinished(() => mock.close())
    const { heard } = await listen(mock, clock, thing({ id: 'a' }))
    await mock.publish(thing({ id: 'a' }), 'said')
    await mock.publish(thing({ id: 'a' }), 'said')
    await clock.settle()
    expect(heard).toEqual([{ text: 'a 0 null' }, { text: 'a 1 {"text":"a 0 null"}' }])
  })

  it('that the schema refuses is a mistake, and said so', async () => {
    const mock = createMock({
      contract,
      clock: new VirtualClock(),
      data: { thing: { said: () => ({ text: '' }) } },
    })
    await expect(mock.publish(thing({ id: 'a' }), 'said')).rejects.toThrow(
      /generator of "said" of thing\/:id makes data that the schema refuses: data\.text/,
    )
    mock.close()
  })

  it('is asked for where a validator tells no JSON Schema', async () => {
    const mock = createMock({ contract, clock: new VirtualClock() })
    await expect(mock.publish(thing({ id: 'a' }), 'said')).rejects.toThrow(
      'Give one as data: { thing: { said: (draw) => … } }.',
    )
    mock.close()
  })

  it('is asked for where no draw passes a refinement', async () => {
    const never = z.object({ text: z.string().refine((text) => text === 'a secret') })
    await expect(made(never, { times: 1 })).rejects.toThrow(
      /No data could be invented for "happened" of thing\/:id: data\.text/,
    )
  })

  it('comes from another way to JSON Schema where one is given', async () => {
    const toJsonSchema = () => ({
      type: 'object',
      required: ['text'],
      properties: { text: { const: 'told' } },
    })
    expect(await made(text, { times: 1, toJsonSchema })).toEqual([{ text: 'told' }])
  })

  it('is only made for what may happen by itself', async () => {
    const clock = new VirtualClock()
    const mock = createMock({
      ...{ contract, clock, everyMs: 1_000 },
      data: { thing: { said: ({ sentence }) => ({ text: sentence() }), cleared: false } },
    })
    onTestFinished(() => mock.close())
    const { heard } = await listen(mock, clock, thing({ id: 'a' }))
    await clock.advance(5_000)
    expect(heard.length).toBeGreaterThan(3)
    expect(heard.every((each) => 'text' in each)).toBe(true)
  })
})
