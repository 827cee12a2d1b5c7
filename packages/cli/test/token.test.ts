import { jwtAuthenticator } from '@tidings/server'
import { describe, expect, it } from 'vitest'
import { contractFile, newFolder, Tidings, tidings, until } from './tidings.ts'

const secret = 'a secret of no less than 32 bytes'
const env = { TIDINGS_JWT_SECRET: secret }

describe('tidings token', () => {
  it('makes a token that a server with the same secret takes, with its claims', async () => {
    const args = ['token', '--user', 'ada', '--expires', '15m', '--claims', '{"role":"editor"}']
    const { code, stdout } = await tidings(args, { env })
    expect(code).toBe(0)
    const authenticate = jwtAuthenticator({ algorithms: ['HS256'], secret })
    const who = await authenticate({ token: stdout.trim(), cookies: {}, origin: undefined, address: '' })
    expect(who).toMatchObject({ user: 'ada', claims: { role: 'editor' } })
    const inMinutes = ((who?.expiresAt ?? 0) - Date.now()) / 60_000
    expect(inMinutes).toBeGreaterThan(14)
    expect(inMinutes).toBeLessThanOrEqual(15)
  })

  it('opens a server that tidings serve has started with that secret, and no other', async () => {
    const folder = newFolder()
    const server = new Tidings(['serve', '--contract', contractFile, '--port', '0'], { folder, env })
    await until('it serves', () => /http:\/\/\S+:\d+/.test(server.stdout))
    const [url = ''] = /http:\/\/\S+:\d+/.exec(server.stdout) ?? []
    const token = (await tidings(['token', '--user', 'ada'], { env })).stdout.trim()
    const publish = (key: string) =>
      tidings(['publish', 'notes/a', 'added', '{"text":"x"}', '--url', url, '--key', key])
    expect((await publish(token)).code).toBe(0)
    const forged = (await tidings(['token', '--user', 'ada', '--secret', `${secret}!`])).stdout.trim()
    expect((await publish(forged)).stderr).toContain('(unauthenticated)')
  })
})
