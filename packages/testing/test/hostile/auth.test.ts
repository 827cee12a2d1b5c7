// Peers that claim to be somebody else, or somebody still: tokens, key sets, expiry, revocation.

import './prototypes.ts'
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { jwtAuthenticator } from '@tidings/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventsPath, KEY } from './contract.ts'
import type { Raw } from './raw.ts'
import { Target } from './target.ts'
import { range, until } from './until.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const seconds = () => Math.floor(Date.now() / 1_000)

type Sign = (head: string) => string
const byPrivateKey: Sign = (head) => createSign('sha256').update(head).sign(pair.privateKey, 'base64url')
const byHmac =
  (secret: string): Sign =>
  (head) =>
    createHmac('sha256', secret).update(head).digest('base64url')

/** A token as anybody could make it: header, claims and signature are the test's. */
function token(claims: object, header: object = {}, sign: Sign = byPrivateKey): string {
  const payload = { sub: 'ada', aud: 'tidings', exp: seconds() + 600, ...claims }
  const head = `${encode({ alg: 'RS256', typ: 'JWT', ...header })}.${encode(payload)}`
  return `${head}.${sign(head)}`
}

const pinned = () =>
  jwtAuthenticator({ algorithms: ['RS256'], publicKey, audience: 'tidings', clockToleranceSeconds: 0 })

/** Everything that a peer learns when its token is refused. */
async function refusal(target: Target, hostile: string): Promise<string> {
  const raw = await target.upgraded()
  raw.say({ type: 'hello', producer: 'p', token: hostile })
  return JSON.stringify([await raw.closed(), raw.said])
}

/** A server that counts who asks it. */
async function trap(answer: RequestListener = (_request, response) => response.end('{"keys":[]}')) {
  const asked: string[] = []
  const http = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  return { asked, origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }
}

describe('tokens that somebody else made', () => {
  it('[row 18] [AU1] each is refused alike, and tells nothing about why', async () => {
    const target = await Target.start({ authenticate: pinned() })
    const fine = await target.welcomed({ token: token({}) })
    expect(fine.of('welcome')[0]).toMatchObject({ user: 'ada' })
    const hostile = {
      unsigned: token({}, { alg: 'none' }, () => ''),
      'unsigned in capitals': token({}, { alg: 'NONE' }, () => ''),
      'signed with the public key as a secret': token({}, { alg: 'HS256' }, byHmac(publicKey)),
      'signed with the trimmed public key': token({}, { alg: 'HS256' }, byHmac(publicKey.trim())),
      expired: token({ exp: seconds() - 1 }),
      'of the future': token({ nbf: seconds() + 100 }),
      'for somebody else': token({ aud: 'another' }),
      'for nobody': token({ aud: undefined }),
      'for ever': token({ exp: undefined }),
      'with an end that is text': token({ exp: '9999999999' }),
      'of nobody': token({ sub: undefined }),
      'of somebody who is no text': token({ sub: { toString: 'ada' } }),
      'of everybody': token({ sub: ['ada'] }),
      'with a broken signature': `${token({}).slice(0, -8)}AAAAAAAA`,
      'with a part more': `${token({})}.${encode({})}`,
      'with white space': ` ${token({})}`,
      'with critical words': token({}, { crit: ['exp'], b64: false }),
      'as long as a frame carries': token({ x: 'x'.repeat(5_000) }, {}, () => 'x'.repeat(400)),
      'of dots': '.'.repeat(8_192),
      'that nests': token({ x: JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`) }, {}, () => 'x'),
    }
    // A signature by a key of one's own that the header brings along.
    const own = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const jwk = own.publicKey.export({ format: 'jwk' })
    const forged = token({}, { jwk }, (head) =>
      createSign('sha256').update(head).sign(own.privateKey, 'base64url'),
    )
    const answers = new Map<string, string>()
    for (const [what, each] of Object.entries({ ...hostile, 'with its own key': forged })) {
      answers.set(what, await refusal(target, each))
    }
    expect([...new Set(answers.values())], JSON.stringify([...answers], null, 1)).toHaveLength(1)
    expect([...answers.values()][0]).toContain('"unauthenticated"')
    expect(target.happenings.filter(({ name }) => name === 'fault')).toEqual([])
  })

  it('[row 18] [AU1] a thousand unknown keys make the key set be fetched no more than once again', async () => {
    const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }
    const set = await trap((_request, response) => response.end(JSON.stringify({ keys: [jwk] })))
    const target = await Target.start({
      authenticate: jwtAuthenticator({ algorithms: ['RS256'], jwks: new URL(`${set.origin}/keys`) }),
    })
    expect((await target.welcomed({ token: token({}, { kid: 'one' }) })).of('welcome')).toHaveLength(1)
    const kids = [
      '../../etc/passwd',
      `${set.origin}/evil`,
      '__proto__',
      'constructor',
      '',
      ...range(1, 1_000).map(String),
    ]
    for (let i = 0; i < kids.length; i += 50) {
      const refusals = await Promise.all(
        kids.slice(i, i + 50).map((kid) => refusal(target, token({}, { kid }))),
      )
      expect([...new Set(refusals)]).toHaveLength(1)
    }
    expect(set.asked.length).toBeLessThanOrEqual(2)
    expect(new Set(set.asked)).toEqual(new Set(['/keys']))
  })

  it('[row 19] [AU1] addresses in a token are asked for nothing', async () => {
    const evil = await trap()
    const target = await Target.start({ authenticate: pinned() })
    const places = {
      jku: `${evil.origin}/jku`,
      x5u: `${evil.origin}/x5u`,
      jwks_uri: `${evil.origin}/uri`,
      iss: evil.origin,
      kid: `${evil.origin}/kid`,
    }
    for (const [claims, header] of [
      [places, {}],
      [{}, places],
      [places, places],
    ] as const) {
      const own = generateKeyPairSync('rsa', { modulusLength: 2_048 })
      const forged = token(claims, header, (head) =>
        createSign('sha256').update(head).sign(own.privateKey, 'base64url'),
      )
      expect(await refusal(target, forged)).toContain('4401')
    }
    expect((await target.welcomed({ token: token(places, {}) })).of('welcome')).toHaveLength(1)
    expect(evil.asked).toEqual([])
  })

  it('[row 19] [AU1] a key set that points elsewhere is not followed', async () => {
    const inside = await trap()
    const outside = await trap((_request, response) =>
      response.writeHead(302, { location: `${inside.origin}/secret` }).end(),
    )
    const target = await Target.start({
      authenticate: jwtAuthenticator({ algorithms: ['RS256'], jwks: new URL(`${outside.origin}/keys`) }),
    })
    for (const kid of range(1, 20))
      expect(await refusal(target, token({}, { kid: String(kid) }))).toContain('4500')
    expect(inside.asked).toEqual([])
    expect(outside.asked.length).toBeLessThanOrEqual(2)
  })
})

describe('rights that end', () => {
  const subscribed = async (target: Target, hello: object): Promise<Raw> => {
    const raw = await target.welcomed({ subscribe: [{ id: 1, channel: 'note/lobby' }], ...hello })
    await raw.heard('live')
    return raw
  }

  it('[row 20] [AU4] a token that ends in the middle of a burst is asked for, then closed, and nothing comes after', async () => {
    const target = await Target.start({ limits: { expiryGraceMs: 1_200, requestsPerSecond: 100_000 } })
    const raw = await subscribed(target, { token: 'ada@2500' })
    let isOver = false
    const burst = (async () => {
      while (!isOver) await target.fill('note/lobby', 20)
    })()
    expect(await raw.closed()).toBe(4402)
    isOver = true
    await burst
    const heard = raw.frames.length
    expect(raw.of('refresh')).toHaveLength(1)
    const offsets = raw.offsets('note/lobby')
    expect(offsets).toEqual(range(1, offsets.length))
    await target.fill('note/lobby', 100)
    expect(raw.frames.length).toBe(heard)
  })

  it('[row 20] [AU4] who answers with a fresh token in time misses nothing', async () => {
    const target = await Target.start({ limits: { expiryGraceMs: 2_000 } })
    const raw = await subscribed(target, { token: 'ada@1200' })
    await raw.heard('refresh')
    raw.say({ type: 'auth', token: 'ada@600000' })
    await target.fill('note/lobby', 10)
    await until(() => raw.offsets('note/lobby').length === 10)
    expect(raw.closeCode).toBeUndefined()
  })

  it('[row 20] [AU5] a fresh token of another person, of nobody, or that has ended closes', async () => {
    const target = await Target.start()
    for (const [fresh, code] of [
      ['bob', 4401],
      ['bad', 4401],
      ['ada@-1', 4401],
      ['', 4401],
    ] as const) {
      const raw = await subscribed(target, { token: 'ada' })
      raw.say({ type: 'auth', token: fresh || 'x'.repeat(256) })
      raw.say({
        type: 'publish',
        id: 9,
        channel: 'note/lobby',
        event: 'said',
        data: { text: fresh },
        sequence: 1,
      })
      expect(await raw.closed()).toBe(code)
    }
    expect((await target.read('note/lobby')).entries).toEqual([])
  })

  it('[row 20] [AU4] a fresh token after the grace comes too late', async () => {
    const target = await Target.start({ limits: { expiryGraceMs: 200 } })
    const raw = await subscribed(target, { token: 'ada@300' })
    expect(await raw.closed()).toBe(4402)
    raw.say({ type: 'auth', token: 'ada' })
    await target.fill('note/lobby', 1)
    expect(raw.said.map(({ type }) => type)).toEqual(['welcome', 'subscribed', 'live', 'error'])
  })

  it('[row 21] [AU6] a right that was taken away without a word to this node ends at the next look, on every way', async () => {
    const rights = new Set(['note/lobby', 'note/other'])
    const target = await Target.start({
      limits: { recheckMs: 500 },
      authorize: ({ channel, identity }) => identity.user === 'backend' || rights.has(channel),
    })
    const raw = await target.welcomed({
      token: 'ada',
      subscribe: [
        { id: 1, channel: 'note/lobby' },
        { id: 2, channel: 'note/other' },
      ],
    })
    await raw.heard('live', 2)
    const stream = await fetch(`${target.origin}${eventsPath('note/lobby')}`, {
      headers: { authorization: 'Bearer ada', accept: 'text/event-stream' },
    })
    const text = stream.text()
    const began = performance.now()
    rights.delete('note/lobby')
    expect(await raw.heard('unsubscribed')).toMatchObject({ channel: 'note/lobby', code: 'forbidden' })
    expect(await text).toContain('event: ended\ndata: {"title":"Forbidden"')
    expect(performance.now() - began).toBeLessThan(4_000)
    await target.post('note/lobby', { type: 'said', data: { text: 'secret' } })
    await target.post('note/other', { type: 'said', data: { text: 'open' } })
    await until(() => raw.offsets('note/other').length === 1)
    expect(raw.text).not.toContain('secret')
    raw.say({ type: 'subscribe', id: 3, channel: 'note/lobby' })
    raw.say({
      type: 'publish',
      id: 4,
      channel: 'note/lobby',
      event: 'said',
      data: { text: 'x' },
      sequence: 1,
    })
    await raw.heard('error', 2)
    expect(raw.of('error').map(({ code }) => code)).toEqual(['forbidden', 'forbidden'])
  })

  it('[row 21] [AU6] who is revoked is gone from sockets and streams at once', async () => {
    const target = await Target.start()
    const [first, second, other] = await Promise.all(
      ['ada', 'ada', 'bob'].map((user) => subscribed(target, { token: user })),
    )
    const stream = await fetch(`${target.origin}${eventsPath('note/lobby')}`, {
      headers: { authorization: 'Bearer ada', accept: 'text/event-stream' },
    })
    const text = stream.text()
    expect(target.server.revoke({ user: 'ada' })).toBe(3)
    expect([await first?.closed(), await second?.closed()]).toEqual([4403, 4403])
    expect(await text).toContain('"code":"revoked"')
    await target.fill('note/lobby', 1)
    await until(() => other?.offsets('note/lobby').length === 1)
    expect(first?.offsets('note/lobby')).toEqual([])
  })

  it.each([
    'X-User-Id: ada',
    'X-Forwarded-User: ada',
    'Remote-User: ada',
    'X-Tidings-User: ada',
    'Cookie: session=ada',
    'Authorization: Basic YWRhOg==',
    'Authorization: ada',
  ])('[row 20] [HT9] “%s” makes nobody of anybody', async (line) => {
    const seen: (string | undefined)[] = []
    const target = await Target.start({ authorize: ({ identity }) => seen.push(identity.user) > 0 })
    const [name = '', value = ''] = line.split(': ')
    const raw = await target.welcomed(
      { user: 'ada', headers: { [name]: value }, identity: { user: 'ada' } },
      { [name]: value },
    )
    expect(raw.of('welcome')[0]).not.toHaveProperty('user')
    const answer = await fetch(`${target.origin}${eventsPath('note/lobby')}`, { headers: { [name]: value } })
    expect([200, 401]).toContain(answer.status)
    expect(seen.filter((user) => user !== undefined)).toEqual([])
  })
})

describe('an application that says nonsense about who somebody is', () => {
  it.each([
    ['a user without a name', { user: '' }],
    ['a user with too long a name', { user: 'x'.repeat(257) }],
    ['a user that is a number', { user: 7 }],
    ['a user that is null', { user: null }],
    ['an end that is no number', { user: 'ada', expiresAt: Number.NaN }],
    ['an end that is text', { user: 'ada', expiresAt: '2030-01-01' }],
  ])('[row 15] [AU1] %s is a fault of its own: nobody is let in, and it is told', async (_what, identity) => {
    const target = await Target.start({ authenticate: () => identity as never })
    const raw = await target.upgraded()
    raw.say({ type: 'hello', producer: 'p' })
    expect(await raw.closed()).toBe(4500)
    expect(
      (await fetch(`${target.origin}${eventsPath('note/lobby')}`, { headers: { authorization: 'Bearer x' } }))
        .status,
    ).toBe(500)
    expect(target.happenings.filter(({ name }) => name === 'fault')).toHaveLength(2)
  })

  it.each([
    ['never', Number.POSITIVE_INFINITY, undefined],
    ['beyond all numbers', 1e300, undefined],
    ['between two milliseconds', 4_000_000_000_000.7, 4_000_000_000_000],
  ])('[row 15] [AU1] an end %s is told as the protocol can', async (_what, expiresAt, told) => {
    const target = await Target.start({ authenticate: () => ({ user: 'ada', expiresAt }) })
    const raw = await target.welcomed()
    expect(raw.of('welcome')[0]?.expiresAt).toBe(told)
  })
})

describe('keys of backends', () => {
  it('[row 53] [HT9] guessing is refused after its share, whether it is right or not, and every wrong key alike', async () => {
    const target = await Target.start({
      authenticate: () => undefined,
      limits: { failureBurst: 30, failuresPerSecond: 0.001 },
    })
    const ask = async (key: string) => {
      const answer = await fetch(`${target.origin}${eventsPath('note/lobby')}`, {
        headers: { authorization: `Bearer ${key}` },
      })
      return `${answer.status} ${await answer.text()}`
    }
    const guesses = range(1, 1_000).map((i) => (i % 3 ? `${KEY.slice(0, i % KEY.length)}x` : `${KEY}${i}`))
    const answers: string[] = []
    for (const guess of guesses) answers.push(await ask(guess))
    const [refused, limited] = [answers.slice(0, 30), answers.slice(30)]
    expect([...new Set(refused)]).toHaveLength(1)
    expect(refused[0]).toMatch(/^401 .*"unauthenticated"/)
    for (const answer of limited) expect(answer).toMatch(/^429 /)
    expect(await ask(KEY)).toMatch(/^429 /)
    expect(target.happenings.filter(({ name }) => name === 'fault')).toEqual([])
  })

  it('[row 53] [HT9] who only asks without a key is not taken for a guesser', async () => {
    const target = await Target.start({
      authenticate: () => undefined,
      limits: { failureBurst: 5, failuresPerSecond: 0.001 },
    })
    for (let i = 0; i < 20; i++)
      expect((await fetch(`${target.origin}${eventsPath('note/lobby')}`)).status).toBe(401)
    expect((await target.get(eventsPath('note/lobby'))).status).toBe(200)
  })
})
