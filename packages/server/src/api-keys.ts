// The secrets of backends: found in constant time, each with the channels that it may publish to and read.

export interface ApiKey {
  /** Visible ASCII, at best 22 random characters or more. */
  readonly key: string
  /**
   * Patterns of the channels that it is good for: `orders/*`, `orders/:id`, `orders/42`. A `*` or a `:name` stands for
   * exactly one segment. Default: every channel.
   */
  readonly channels?: readonly string[] | undefined
}

/** What a request with a good key may do. */
export interface KeyScope {
  /** Stable within one run: what its requests are counted under. */
  readonly id: string
  covers(channel: string): boolean
}

export class ApiKeys {
  readonly #digest: (text: string) => string
  readonly #rows: readonly { readonly digest: string; readonly scope: KeyScope }[]

  /** `digest`: SHA-256 in hex. Throws on a key that no header could carry, and on a pattern that is none. */
  constructor(keys: readonly ApiKey[], digest: (text: string) => string) {
    this.#digest = digest
    this.#rows = keys.map(({ key, channels }, i) => {
      const problem = apiKeyProblem(key)
      if (problem) throw new TypeError(`API key ${i + 1} ${problem}`)
      return { digest: digest(key), scope: { id: `key ${i + 1}`, covers: coverage(channels) } }
    })
  }

  /** Takes as long for a wrong key as for a right one: digests are compared, all of them, to the end. */
  find(presented: string): KeyScope | undefined {
    const digest = this.#digest(presented)
    let found: KeyScope | undefined
    for (const row of this.#rows) if (isSame(row.digest, digest)) found = row.scope
    return found
  }
}

export function apiKeyProblem(key: string): string | undefined {
  // An unset variable of the environment gets here, whatever the types say.
  if (typeof key !== 'string') return 'is not set.'
  if (/^[\x21-\x7e]{1,512}$/.test(key)) return undefined
  return 'must be 1 to 512 visible ASCII characters without spaces, so that an Authorization header can carry it.'
}

/** In a time that tells nothing of where they differ. */
export function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

function coverage(patterns: readonly string[] | undefined): (channel: string) => boolean {
  if (!patterns) return () => true
  const rows = patterns.map((pattern) => pattern.split('/'))
  for (const [i, segments] of rows.entries()) {
    if (!segments.every(isPatternSegment)) {
      throw new TypeError(
        `"${patterns[i]}" is not a channel pattern; its segments are literal, :parameters or a * alone.`,
      )
    }
  }
  return (channel) => {
    const values = channel.split('/')
    return rows.some(
      (row) =>
        row.length === values.length && row.every((segment, i) => isWild(segment) || segment === values[i]),
    )
  }
}

const isWild = (segment: string) => segment === '*' || segment.startsWith(':')
const isPatternSegment = (segment: string) => segment === '*' || /^:?[0-9A-Za-z_~@+=.:-]+$/.test(segment)
