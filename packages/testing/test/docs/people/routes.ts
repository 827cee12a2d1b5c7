import { signToken, type TidingsServer } from '@tidings/server'
import type { Route } from '@tidings/server/run'
import { endSessions, findSession } from './sessions.ts'

const key = process.env.TIDINGS_JWT_SECRET ?? ''

export function routes(tidings: TidingsServer): Route {
  return async ({ method, url, headers }, response) => {
    if (method !== 'POST' || !url?.startsWith('/api/')) return false
    const session = await findSession(/(?:^|; )session=([^;]+)/.exec(headers.cookie ?? '')?.[1])
    if (!session) {
      response.writeHead(401).end()
    } else if (url === '/api/token') {
      const { user, shops } = session
      response.end(
        await signToken({ algorithm: 'HS256', key, user, claims: { shops }, expiresInSeconds: 900 }),
      )
    } else if (url === '/api/sign-out-everywhere') {
      await endSessions(session.user)
      tidings.revoke({ user: session.user })
      response.writeHead(204).end()
    } else return false
    return true
  }
}
