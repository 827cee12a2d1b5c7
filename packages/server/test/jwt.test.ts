// Tokens: what proves who somebody is, and everything that only looks like it.

import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { VirtualClock } from '@tidings/core/testing'
import {
  anonymous,
  type Credentials,
  type JwtAlgorithm,
  jwtAuthenticator,
  type SignOptions,
  signToken,
} from '@tidings/server'
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'

const SECRET = 'a-secret-of-thirty-two-bytes-or-so'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const other = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const pem = (key: KeyObject) =>
  key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }) as string

const credentials = (token: string | undefined): Credentials => ({
  token,
  cookies: {},
  origin: undefined,
  address: '',
})

function setup(options: Partial<Parameters<typeof jwtAuthenticator>[0]> = {}) {
  const clock = new VirtualClock()
  const authenticate = jwtAuthenticator({ algorithms: ['HS256'], secret: SECRET, clock, ...options })
  const sign = (own: Partial<SignOptions> = {}) =>
    signToken({ algorithm: 'HS256', key: SECRET, user: 'ada', expiresInSeconds: 60, clock, ...own })
  return { clock, sign, check: async (token: string | undefined) => authenticate(credentials(token)) }
}

describe('a token', () => {
  it('[AU1] names its user, and when it ends', async () => {
    const { check, sign, clock } = setup()
    const identity = await check(await sign({ claims: { team: 'blue' } }))
    expect(identity).toMatchObject({
      user: 'ada',
      expiresAt: clock.now() + 60_000,
      claims: { team: 'blue', sub: 'ada' },
    })
  })

  it('[AU1] is refused unsigned, tampered with, or signed with another secret', async () => {
    const { check, sign, clock } = setup()
    const seconds = clock.now() / 1_000
    const unsigned = new UnsecuredJWT({ sub: 'ada', exp: seconds + 60 }).encode()
    const good = await sign()
    const [header, payload, signature] = good.split('.') as [string, string, string]
    const forged = Buffer.from(JSON.stringify({ sub: 'root', exp: seconds + 60 })).toString('base64url')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const bad = [
      unsigned,
      `${header}.${forged}.${signature}`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
    ]
    bad.push('', '.', '..', 'x.y.z', `${good} `, `${good}.x`, await sign({ key: `${SECRET}!` }))
    for (const token of bad) expect(await check(token)).toBeUndefined()
    expect(await check(undefined)).toBeUndefined()
    expect(await check(good)).toBeDefined()
  })

  it('[AU1] signed with the public key as if it were a secret is refused', async () => {
    const clock = new VirtualClock()
    const authenticate = jwtAuthenticator({ algorithms: ['RS256'], publicKey: pem(rsa.publicKey), clock })
    const confused = await new SignJWT({ sub: 'ada', exp: clock.now() / 1_000 + 60 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(pem(rsa.publicKey)))
    expect(await authenticate(credentials(confused))).toBeUndefined()
    const good = await signToken({
      algorithm: 'RS256',
      key: pem(rsa.privateKey),
      user: 'ada',
      expiresInSeconds: 60,
      clock,
    })
    expect(await authenticate(credentials(good))).toMatchObject({ user: 'ada' })
    const foreign = await signToken({
      algorithm: 'RS256',
      key: pem(other.privateKey),
      user: 'ada',
      expiresInSeconds: 60,
      clock,
    })
    expect(await authenticate(credentials(foreign))).toBeUndefined()
    const otherAlgorithm = await signToken({
      algorithm: 'PS256',
      key: pem(rsa.privateKey),
      user: 'ada',
      expiresInSeconds: 60,
      clock,
    })
    expect(await authenticate(credentials(otherAlgorithm))).toBeUndefined()
  })

  it('[AU1] is refused after its end, before its beginning, and without an end; clocks may differ by the tolerance', async () => {
    const { check, sign, clock } = setup({ clockToleranceSeconds: 10 })
    const token = await sign()
    await clock.advance(69_000)
    expect(await check(token)).toBeDefined()
    await clock.advance(2_000)
    expect(await check(token)).toBeUndefined()
    const now = Math.floor(clock.now() / 1_000)
    expect(await check(await sign({ claims: { nbf: now + 5 } }))).toBeDefined()
    expect(await check(await sign({ claims: { nbf: now + 30 } }))).toBeUndefined()
    const endless = await new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(SECRET))
    expect(await check(endless)).toBeUndefined()
  })

  it('[AU1] is refused for another audience or of another issuer', async () => {
    const { check, sign } = setup({ audience: 'tidings', issuer: 'https://id.example' })
    expect(await check(await sign({ audience: 'tidings', issuer: 'https://id.example' }))).toBeDefined()
    expect(await check(await sign({ audience: 'other', issuer: 'https://id.example' }))).toBeUndefined()
    expect(
      await check(await sign({ audience: 'tidings', issuer: 'https://id.example.evil' })),
    ).toBeUndefined()
    expect(await check(await sign())).toBeUndefined()
  })

  it('[AU1] is refused without a user, or with one that is no text', async () => {
    const { check, sign } = setup({ userClaim: 'uid' })
    expect(await check(await sign())).toBeUndefined()
    for (const uid of ['', 7, null, ['ada'], { id: 'ada' }, 'x'.repeat(257)])
      expect(await check(await sign({ claims: { uid } }))).toBeUndefined()
    expect(await check(await sign({ claims: { uid: 'ada' } }))).toMatchObject({ user: 'ada' })
    const inherited = setup({ userClaim: 'constructor' })
    expect(await inherited.check(await inherited.sign())).toBeUndefined()
  })

  it('[AU1] is refused when it is longer than a frame carries, or asks for what nobody knows', async () => {
    const { check, sign, clock } = setup()
    expect(await check(await sign({ claims: { note: 'x'.repeat(8_192) } }))).toBeUndefined()
    const critical = await new SignJWT({ sub: 'ada', exp: clock.now() / 1_000 + 60 })
      .setProtectedHeader({ alg: 'HS256', crit: ['trust'], trust: true })
      .sign(new TextEncoder().encode(SECRET), { crit: { trust: true } })
    expect(await check(critical)).toBeUndefined()
  })
})

describe('a key set', () => {
  const jwk = async (key: KeyObject, kid: string) => ({
    ...(await exportJWK(key)),
    kid,
    alg: 'RS256',
    use: 'sig',
  })
  const signed = (kid: string | undefined, clock: VirtualClock, key = rsa.privateKey) =>
    signToken({
      algorithm: 'RS256',
      key: pem(key),
      user: 'ada',
      expiresInSeconds: 60,
      clock,
      ...(kid !== undefined && { keyId: kid }),
    })

  it('[AU1] that is pinned decides by kid, and only among its own keys', async () => {
    const clock = new VirtualClock()
    const jwks = { keys: [await jwk(rsa.publicKey, 'a'), await jwk(other.publicKey, 'b')] }
    const check = jwtAuthenticator({ algorithms: ['RS256'], jwks, clock })
    expect(await check(credentials(await signed('a', clock)))).toMatchObject({ user: 'ada' })
    expect(await check(credentials(await signed('b', clock)))).toBeUndefined()
    for (const kid of ['c', '../../etc/passwd', '__proto__', 'constructor', undefined]) {
      expect(await check(credentials(await signed(kid, clock)))).toBeUndefined()
    }
  })

  async function keyServer() {
    const seen: string[] = []
    const state = { status: 200, location: undefined as string | undefined }
    const body = JSON.stringify({ keys: [await jwk(rsa.publicKey, 'a')] })
    const http = createServer((request, response) => {
      seen.push(request.url ?? '')
      response
        .writeHead(state.status, {
          'content-type': 'application/json',
          ...(state.location && { location: state.location }),
        })
        .end(body)
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void http.close())
    return { seen, state, url: new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/keys`) }
  }

  it('[AU1] at an address is fetched once, and no storm of unknown keys makes it be fetched again', async () => {
    const clock = new VirtualClock()
    const { seen, url } = await keyServer()
    const check = jwtAuthenticator({ algorithms: ['RS256'], jwks: url, clock })
    expect(await check(credentials(await signed('a', clock)))).toMatchObject({ user: 'ada' })
    const strange = await signed('unknown', clock)
    for (let i = 0; i < 100; i++) expect(await check(credentials(strange))).toBeUndefined()
    expect(seen).toEqual(['/keys'])
  })

  it('[AU1] is never looked for where a token says', async () => {
    const clock = new VirtualClock()
    const { seen, url } = await keyServer()
    const token = await new SignJWT({ sub: 'ada', iss: url.href, exp: clock.now() / 1_000 + 60 })
      .setProtectedHeader({
        alg: 'RS256',
        kid: url.href,
        jku: url.href,
        x5u: url.href,
        jwk: await exportJWK(other.publicKey),
      })
      .sign(other.privateKey)
    const check = jwtAuthenticator({
      algorithms: ['RS256'],
      jwks: { keys: [await jwk(rsa.publicKey, 'a')] },
      clock,
    })
    expect(await check(credentials(token))).toBeUndefined()
    expect(seen).toEqual([])
  })

  it('[AU1] is not followed elsewhere, and one that fails is left alone for a while', async () => {
    const clock = new VirtualClock()
    const { seen, state, url } = await keyServer()
    state.status = 302
    state.location = '/elsewhere'
    const check = jwtAuthenticator({ algorithms: ['RS256'], jwks: url, clock })
    const token = await signed('a', clock)
    for (let i = 0; i < 50; i++)
      await expect(check(credentials(token))).rejects.toMatchObject({ code: 'unavailable' })
    expect(seen).toEqual(['/keys'])
    state.status = 200
    await clock.advance(5_000)
    expect(await check(credentials(token))).toMatchObject({ user: 'ada' })
  })
})

describe('options that would be unsafe', () => {
  const publicKey = pem(rsa.publicKey)
  it.each([
    ['no algorithm', { algorithms: [], secret: SECRET }],
    ['none', { algorithms: ['none' as JwtAlgorithm], secret: SECRET }],
    ['a public key with HS', { algorithms: ['HS256', 'RS256'] as JwtAlgorithm[], publicKey }],
    ['a secret with RS', { algorithms: ['RS256'] as JwtAlgorithm[], secret: SECRET }],
    ['a public key as secret', { algorithms: ['HS256'] as JwtAlgorithm[], secret: publicKey }],
    ['a short secret', { algorithms: ['HS256'] as JwtAlgorithm[], secret: 'short' }],
    [
      'a secret too short for one of them',
      { algorithms: ['HS256', 'HS512'] as JwtAlgorithm[], secret: SECRET },
    ],
    ['no key', { algorithms: ['RS256'] as JwtAlgorithm[] }],
    ['two keys', { algorithms: ['RS256'] as JwtAlgorithm[], publicKey, jwks: { keys: [] } }],
    ['a private key', { algorithms: ['RS256'] as JwtAlgorithm[], publicKey: pem(rsa.privateKey) }],
    [
      'a key set without TLS',
      { algorithms: ['RS256'] as JwtAlgorithm[], jwks: new URL('http://keys.example.com/') },
    ],
    [
      'a tolerance of hours',
      { algorithms: ['HS256'] as JwtAlgorithm[], secret: SECRET, clockToleranceSeconds: 3_600 },
    ],
  ])('[AU1] are refused at once: %s', (_what, options) => {
    expect(() => jwtAuthenticator(options)).toThrow(TypeError)
  })
})

it('[AU1] anonymous lets everybody in without a name, and believes no token', async () => {
  expect(await anonymous()(credentials(undefined))).toEqual({})
  expect(await anonymous()(credentials('anything'))).toBeUndefined()
})
