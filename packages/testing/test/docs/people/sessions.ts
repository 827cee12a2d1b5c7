// Stands for what an application has already: who is signed in, by the cookie that its own sign-in has set.

export interface Session {
  readonly user: string
  readonly shops: readonly string[]
  readonly endsAt: number
}

export const sessions = new Map<string, Session>()

export async function findSession(id: string | undefined): Promise<Session | undefined> {
  return id === undefined ? undefined : sessions.get(id)
}

export async function endSessions(user: string): Promise<void> {
  for (const [id, session] of sessions) if (session.user === user) sessions.delete(id)
}
