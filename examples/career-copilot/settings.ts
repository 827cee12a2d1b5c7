// Where the page's server is and whether it may call: from the build's environment, by the names that the product has
// always had, and from the address for one visit.

export interface Settings {
  /** Whose job search it is. */
  readonly user: string
  /** A plain JSON backend's socket; undefined for the Tidings server that the page came from. */
  readonly plainUrl: string | undefined
  readonly isWebSocketEnabled: boolean
}

type Environment = Readonly<Record<string, unknown>>

const USER = /^[0-9A-Za-z_-]{1,64}$/
const DEMO_USER = 'demo'

/** In the address: `?user=`, `?ws=` and `?websockets=off`. */
export function readSettings(address: URL, environment: Environment): Settings {
  const parameter = (name: string) => address.searchParams.get(name) || undefined
  const user = parameter('user') ?? DEMO_USER
  const variable = environment.NEXT_PUBLIC_WS_URL
  const url = parameter('ws') ?? (typeof variable === 'string' && variable !== '' ? variable : undefined)
  const wish = parameter('websockets') ?? environment.NEXT_PUBLIC_ENABLE_WEBSOCKETS
  return {
    user: USER.test(user) ? user : DEMO_USER,
    plainUrl: url,
    isWebSocketEnabled: !['false', 'off', '0'].includes(String(wish ?? '')),
  }
}
