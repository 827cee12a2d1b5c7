// Which pages may speak to the server with the cookies of their visitors: exactly the listed origins and the server's
// own [AU2]. Whole strings are compared, so nothing that merely looks alike gets in.

export type OriginVerdict = 'absent' | 'allowed' | 'foreign'

export interface OriginRequest {
  /** The `Origin` header. Browsers send it with every WebSocket, every foreign request and every POST. */
  readonly origin: string | undefined
  readonly host: string | undefined
  readonly isSecure: boolean
}

export type OriginRule = (request: OriginRequest) => OriginVerdict

/** Throws when one of `listed` is not an origin, such as `https://app.example.com`. */
export function originRule(listed: readonly string[] = []): OriginRule {
  for (const text of listed) {
    const problem = originProblem(text)
    if (problem) throw new TypeError(problem)
  }
  const allowed = new Set(listed)
  return ({ origin, host, isSecure }) => {
    if (origin === undefined) return 'absent'
    if (allowed.has(origin)) return 'allowed'
    return host !== undefined && origin === ownOrigin(host, isSecure) ? 'allowed' : 'foreign'
  }
}

/** Behind a proxy that ends TLS the server cannot know its own origin: list it. */
export function ownOrigin(host: string, isSecure: boolean): string {
  return `${isSecure ? 'https' : 'http'}://${host}`
}

/** A sentence when the text is not an origin as browsers write it. */
export function originProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url !== undefined && /^https?:\/\/[0-9a-z.:[\]_-]+$/.test(url.origin)
  if (isWeb && url.origin === text) return undefined
  return `"${text}" is not an origin; ${isWeb ? `"${url.origin}" would be one` : 'it looks like "https://app.example.com"'}.`
}
