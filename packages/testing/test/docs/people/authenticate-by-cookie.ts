import type { Authenticate } from '@tidings/server'
import { findSession } from './sessions.ts'

export const authenticate: Authenticate = async ({ cookies }) => {
  const session = await findSession(cookies.session)
  return session ? { user: session.user, expiresAt: session.endsAt, claims: { shops: session.shops } } : {}
}
