// The small pieces at the server's rim: settings, log lines, origins, addresses, keys, cookies.

import type { IncomingMessage } from 'node:http'
import { VirtualClock } from '@tidings/core/testing'
import { createLogger, type Happening } from '@tidings/server'
import { describe, expect, it } from 'vitest'
import { addressGroup, addressReader } from '../src/address.ts'
import { ApiKeys } from '../src/api-keys.ts'
import { parseCookies } from '../src/cookies.ts'
import { narrate } from '../src/narrate.ts'
import { originRule } from '../src/origins.ts'
import { Rates } from '../src/rates.ts'
import { readSettings } from '../src/settings.ts'

describe('settings', () => {
  it('have defaults, and empty ones count as absent', () => {
    const defaults = {
      ...{
        port: 4000,
        host: '127.0.0.1',
        dataFolder: '.tidings',
        apiKey: undefined,
        metricsToken: undefined,
      },
      ...{ origins: [], drainMs: 10_000, logLevel: 'info' },
    }
    expect(readSettings({})).toEqual(defaults)
    expect(
      readSettings({ PORT: '', HOST: ' ', TIDINGS_API_KEY: '', TIDINGS_ORIGINS: '', LOG_LEVEL: '' }),
    ).toEqual(defaults)
  })

  it('are read', () => {
    const env = {
      PORT: '0',
      HOST: '::1',
      TIDINGS_DATA: '/d',
      TIDINGS_API_KEY: 'k',
      TIDINGS_ORIGINS: 'https://a.example, http://b.example:81',
      TIDINGS_DRAIN_MS: '0',
      LOG_LEVEL: 'Debug',
    }
    expect(readSettings(env)).toMatchObject({
      port: 0,
      host: '::1',
      dataFolder: '/d',
      apiKey: 'k',
      origins: ['https://a.example', 'http://b.example:81'],
      drainMs: 0,
      logLevel: 'debug',
    })
  })

  it.each([
    [{ PORT: 'abc' }, /^PORT is "abc"; it must be a whole number from 0 to 65535/],
    [{ PORT: '-1' }, /^PORT is "-1"/],
    [{ PORT: '65536' }, /^PORT is "65536"/],
    [{ PORT: '4000.5' }, /^PORT/],
    [{ PORT: '0x10' }, /^PORT/],
    [{ PORT: '4000 4001' }, /^PORT/],
    [{ HOST: 'http://localhost' }, /^HOST is "http:\/\/localhost"; it must be an address/],
    [{ TIDINGS_API_KEY: 'with space' }, /^TIDINGS_API_KEY must be 1 to 512 visible ASCII/],
    [{ TIDINGS_API_KEY: 'schlüssel' }, /^TIDINGS_API_KEY/],
    [{ TIDINGS_ORIGINS: '*' }, /"\*" is not an origin; it looks like "https:\/\/app.example.com"/],
    [
      { TIDINGS_ORIGINS: 'https://a.example/' },
      /"https:\/\/a.example\/" is not an origin; "https:\/\/a.example" would be one/,
    ],
    [{ TIDINGS_ORIGINS: 'https://a.example;https://b.example' }, /Separate several by commas/],
    [{ TIDINGS_ORIGINS: 'null' }, /"null" is not an origin/],
    [{ TIDINGS_DRAIN_MS: '1mb' }, /^TIDINGS_DRAIN_MS is "1mb"; it must be a whole number from 0 to 600000/],
    [{ TIDINGS_DRAIN_MS: '600001' }, /^TIDINGS_DRAIN_MS/],
    [{ LOG_LEVEL: 'verbose' }, /^LOG_LEVEL is "verbose"; it must be one of debug, info, warn, error, silent/],
  ])('say in a sentence what is wrong with %j', (env, sentence) => {
    expect(() => readSettings(env)).toThrow(sentence)
  })
})

describe('log lines', () => {
  function logged(say: (logger: ReturnType<typeof createLogger>) => void): string[] {
    const lines: string[] = []
    say(createLogger('info', (line) => lines.push(line)))
    return lines
  }

  it('are one line each, whatever comes from outside', () => {
    const hostile = 'a\nb\r\u001b[31mc\u0000\u009b\u2028\u202eevil'
    const [line = '', ...more] = logged((logger) =>
      logger.info(hostile, { channel: hostile, user: 'x'.repeat(9_999) }),
    )
    expect(more).toEqual([])
    expect(line.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
    const parsed = JSON.parse(line)
    expect(parsed).toMatchObject({
      level: 'info',
      msg: expect.stringContaining('\\u000ab'),
      channel: parsed.msg,
    })
    expect(parsed.user.length).toBeLessThan(600)
  })

  it('never write out objects: those may be payloads', () => {
    const [line] = logged((logger) => logger.warn('x', { data: { secret: 1 }, list: ['secret'] }))
    expect(line).not.toContain('secret')
  })

  it('tell of an error with its cause, and survive any value', () => {
    const [line = ''] = logged((logger) =>
      logger.error('x', {
        error: new TypeError('bad\nthing', { cause: new Error('deeper') }),
        big: 1n,
        symbol: Symbol('s'),
        nothing: undefined,
        nan: Number.NaN,
      }),
    )
    expect(JSON.parse(line)).toMatchObject({
      error: {
        type: 'TypeError',
        message: 'bad\\u000athing',
        cause: 'Error: deeper',
        stack: expect.any(Array),
      },
      big: '1',
    })
  })

  it('keep to their level', () => {
    expect(logged((logger) => logger.debug('x'))).toEqual([])
  })

  it('cannot be made to flood: what is left unsaid is counted', async () => {
    const clock = new VirtualClock()
    const lines: string[] = []
    const observe = narrate(
      createLogger('info', (line) => lines.push(line)),
      clock,
    )
    const refusal: Happening = {
      name: 'refused',
      what: 'POST',
      code: 'unauthenticated',
      channel: undefined,
      user: undefined,
    }
    for (let i = 0; i < 1_000; i++) observe(refusal)
    expect(lines).toHaveLength(50)
    await clock.advance(1_000)
    observe(refusal)
    expect(JSON.parse(lines[50] as string)).toMatchObject({
      msg: 'refused',
      code: 'unauthenticated',
      unsaid: 950,
    })
  })
})

describe('origins', () => {
  it('[AU2] are compared whole', () => {
    const rule = originRule({ listed: ['https://app.example.com'] })
    const verdict = (origin: string | undefined, isSecure = false) =>
      rule({ origin, host: 'self.example:4000', isSecure })
    expect(verdict(undefined)).toBe('absent')
    expect(verdict('https://app.example.com')).toBe('allowed')
    expect(verdict('http://self.example:4000')).toBe('allowed')
    expect(verdict('https://self.example:4000', true)).toBe('allowed')
    for (const origin of [
      'https://self.example:4000',
      'http://self.example',
      'http://self.example:40000',
      'null',
      '',
      'undefined',
    ]) {
      expect(verdict(origin)).toBe('foreign')
    }
    expect(rule({ origin: 'http://undefined', host: undefined, isSecure: false })).toBe('foreign')
  })

  it('[AU2] of a page that was led here under another name are foreign, where the names are known', () => {
    const rule = originRule({ listed: ['https://app.example.com'], hosts: ['localhost', '[::1]'] })
    const verdict = (host: string | undefined, origin?: string) => rule({ origin, host, isSecure: false })
    expect(verdict('localhost:4000', 'http://localhost:4000')).toBe('allowed')
    expect(verdict('[::1]:4000', 'http://[::1]:4000')).toBe('allowed')
    expect(verdict('app.example.com', 'https://app.example.com')).toBe('allowed')
    expect(verdict('localhost:4000')).toBe('absent')
    expect(verdict(undefined)).toBe('absent')
    for (const host of ['evil.example:4000', 'localhost.evil.example', '127.0.0.1:4000', '']) {
      expect(verdict(host, `http://${host}`)).toBe('foreign')
      expect(verdict(host)).toBe('foreign')
    }
  })

  it('[AU2] of any port of this machine are allowed during development, and nothing that looks like them', () => {
    const rule = originRule({ allowsLoopback: true })
    const verdict = (origin: string) => rule({ origin, host: 'localhost:4000', isSecure: false })
    for (const origin of [
      'http://localhost:5173',
      'https://127.0.0.1:8443',
      'http://[::1]:3000',
      'http://localhost',
    ]) {
      expect(verdict(origin)).toBe('allowed')
      expect(originRule()({ origin, host: 'localhost:4000', isSecure: false })).toBe('foreign')
    }
    for (const origin of [
      'http://localhost.evil.example',
      'http://evil.example:5173',
      'http://localhost:5173.evil.example',
      'http://localhost@evil.example',
      'file://localhost',
      'http://127.0.0.12:5173',
      'http://localhost:5173\nhttp://evil.example',
      'null',
    ]) {
      expect(verdict(origin)).toBe('foreign')
    }
  })

  it('[AU2] that are none are refused at once', () => {
    for (const origin of [
      '*',
      'https://*.example.com',
      'app.example.com',
      'https://app.example.com/path',
      'HTTPS://app.example.com',
      '',
    ]) {
      expect(() => originRule({ listed: [origin] })).toThrow(TypeError)
    }
  })
})

describe('addresses', () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    ({
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as IncomingMessage

  it('are believed from trusted proxies alone, from the right', () => {
    const read = addressReader(['10.0.0.0/8', '::1'])
    expect(read(request('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9')
    expect(read(request('10.1.2.3', '198.51.100.1'))).toBe('198.51.100.1')
    expect(read(request('::ffff:10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9'))).toBe('198.51.100.1')
    expect(read(request('10.1.2.3', 'nonsense'))).toBe('10.1.2.3')
    expect(read(request('10.1.2.3'))).toBe('10.1.2.3')
    expect(addressReader()(request('127.0.0.1', '6.6.6.6'))).toBe('127.0.0.1')
  })

  it('of proxies that are none are refused at once', () => {
    for (const range of ['proxy.example', '10.0.0.0/33', '10.0.0.0/', '::1/129', ''])
      expect(() => addressReader([range])).toThrow(TypeError)
  })

  it('count by the prefix that one customer has', () => {
    expect(addressGroup('203.0.113.9')).toBe('203.0.113.9')
    expect(addressGroup('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
    expect(addressGroup('2001:db8::1')).toBe('2001:db8:0:0')
    expect(addressGroup('::1')).toBe('0:0:0:0')
  })
})

describe('API keys', () => {
  const digest = (text: string) =>
    [...text]
      .map((c) => c.charCodeAt(0).toString(16).padStart(4, '0'))
      .join('')
      .padEnd(64, '0')

  it('[HT9] are found whole, with the channels that they are good for', () => {
    const keys = new ApiKeys(
      [{ key: 'alpha' }, { key: 'beta', channels: ['chat/:room', 'orders/*/lines', 'status'] }],
      digest,
    )
    expect(keys.find('alpha')?.covers('anything/at/all')).toBe(true)
    const beta = keys.find('beta')
    for (const channel of ['chat/1', 'chat/10', 'orders/7/lines', 'status'])
      expect(beta?.covers(channel)).toBe(true)
    for (const channel of ['chat', 'chat/1/admin', 'chats/1', 'orders/7', 'orders/7/lines/x', 'status/x', ''])
      expect(beta?.covers(channel)).toBe(false)
    for (const wrong of ['alph', 'alphaa', 'Alpha', '', 'constructor'])
      expect(keys.find(wrong)).toBeUndefined()
  })

  it('[HT9] that nobody has set, or no header can carry, are refused at once', () => {
    const unset: { key?: string } = {}
    expect(() => new ApiKeys([{ key: 'a' }, unset as { key: string }], digest)).toThrow(
      'API key 2 is not set.',
    )
    expect(() => new ApiKeys([{ key: 'a b' }], digest)).toThrow('API key 1 must be 1 to 512 visible ASCII')
  })

  it('[HT9] and patterns that are none are refused at once', () => {
    expect(() => new ApiKeys([{ key: '' }], digest)).toThrow(TypeError)
    expect(() => new ApiKeys([{ key: 'two words' }], digest)).toThrow(TypeError)
    for (const pattern of ['', 'a//b', 'a/b*', 'a/**', '/a', 'a/{b}'])
      expect(() => new ApiKeys([{ key: 'k', channels: [pattern] }], digest)).toThrow(TypeError)
  })
})

it('[AU2] cookies are text under any name', () => {
  const cookies = parseCookies(
    'a=1; b="two"; __proto__=x; constructor=y; a=2; c=%E2%82%AC; d=%ZZ; =e; f; g=1=2',
  )
  expect({ ...cookies, ['__proto__']: undefined }).toMatchObject({
    a: '1',
    b: 'two',
    constructor: 'y',
    c: '€',
    d: '%ZZ',
    g: '1=2',
  })
  expect(Object.getPrototypeOf(cookies)).toBeNull()
  expect(Object.getOwnPropertyDescriptor(cookies, '__proto__')?.value).toBe('x')
  expect(({} as Record<string, unknown>).x).toBeUndefined()
})

it('rates forget the name that was used longest ago', () => {
  const rates = new Rates({ perSecond: 1, burst: 1, clock: new VirtualClock(), maxNames: 2 })
  expect([rates.take('a'), rates.take('b'), rates.take('a')]).toEqual([0, 0, 1_000])
  expect(rates.take('c')).toBe(0)
  expect(rates.take('b')).toBe(0)
  expect(rates.wait('a')).toBe(0)
})
