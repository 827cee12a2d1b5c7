import { createClient, type TokenRequest } from '@tidings/client'

export async function token({ signal }: TokenRequest): Promise<string | undefined> {
  const answer = await fetch('/api/token', { method: 'POST', signal })
  if (answer.status === 401) return undefined
  if (!answer.ok) throw new Error(`/api/token answered ${answer.status}.`)
  return answer.text()
}

export const client = createClient({ token })
