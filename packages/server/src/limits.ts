// Every bound of the server in one table, and the token bucket that measures rates.

import { LANE_BYTES } from '@tidings/core'

export interface Limits {
  /** Largest WebSocket message, in bytes. Default 65,536 (OWASP's advice; Centrifugo's default). */
  readonly messageBytes: number
  /** Largest message before hello was accepted, in bytes. Default 16,384. */
  readonly helloBytes: number
  /** Largest HTTP body, in bytes; at least 64 more than `messageBytes`. Default 262,144. */
  readonly bodyBytes: number
  /** Most events of one HTTP request. Default 100. */
  readonly batchEvents: number
  /** Time for hello, and for an HTTP request to arrive whole, in milliseconds. Default 10,000. */
  readonly helloTimeoutMs: number
  /** Connections without a hello from one address. Default 20. */
  readonly strangersPerAddress: number
  /** Connections of the node, event streams and plain endpoints among them. Default 100,000. */
  readonly connections: number
  /** Default 128. */
  readonly channelsPerConnection: number
  /** Sessions that may share one connection: the tabs of a browser. Default 32. */
  readonly lanesPerConnection: number
  /** Lanes a second that a connection may open in the long run, and at once. Defaults 4 and 64. */
  readonly lanesPerSecond: number
  readonly laneBurst: number
  /** Frames a second that a connection may send in the long run, and at once. Defaults 200 and 400. */
  readonly framesPerSecond: number
  readonly frameBurst: number
  /** HTTP requests a second of one key, user or anonymous address in the long run, and at once. Defaults 1,000 and 2,000. */
  readonly requestsPerSecond: number
  readonly requestBurst: number
  /** Wrong keys, tokens and upgrades of one address a second in the long run, and at once. Defaults 1 and 60. */
  readonly failuresPerSecond: number
  readonly failureBurst: number
  /** Frames of one connection that wait for `authorize`. Default 1,000. */
  readonly waitingFrames: number
  /**
   * UTF-16 units of the messages that these frames came in. Default 4,194,304: what a client has under way at most, 64
   * writes of the largest size.
   */
  readonly waitingLength: number
  /** Writes of the whole node that wait for the log; more are refused as `unavailable`. Default 20,000. */
  readonly waitingAppends: number
  /** A connection with more unsent bytes is not pushed to: its cursors catch up once it has drained. Default 262,144. */
  readonly highWaterBytes: number
  /** A connection with more unsent bytes, answers to its own requests included, is closed. Default 1,048,576. */
  readonly hardBytes: number
  /** Most entries, and most UTF-16 units of data, of one page of a catch-up. Defaults 300 and 131,072. */
  readonly pageEntries: number
  readonly pageLength: number
  /** A reader who misses more is reset with the reason `limit`. Default 100,000. */
  readonly replayEntries: number
  /** Newest entries that a node keeps ready for each open channel, and most UTF-16 units of them. Defaults 256 and 262,144. */
  readonly tailEntries: number
  readonly tailLength: number
  /** How long a channel without readers stays open on the node, in milliseconds. Default 5,000. */
  readonly channelLingerMs: number
  /** A snapshot is kept each time a channel with a state has grown by this many entries. Default 256. */
  readonly snapshotEvery: number
  /** Silence after which a client pings, in milliseconds; after twice that the server closes. Default 25,000. */
  readonly heartbeatMs: number
  /** How long somebody whose connection ended stays present, in milliseconds. Default 10,000. */
  readonly presenceGraceMs: number
  /** Largest presence state, in UTF-16 units of JSON. Default 2,048. */
  readonly presenceLength: number
  /** Above this, presence is told as totals. Default 1,000. */
  readonly presenceMembers: number
  /** Longest that a call's handler may take, in milliseconds. Default 10,000. */
  readonly callTimeoutMs: number
  /** Calls of one connection under way at once. Default 32. */
  readonly openCalls: number
  /** Longest that an HTTP request may wait for its answer once it is there, in milliseconds. Default 30,000. */
  readonly answerTimeoutMs: number
  /** How often the rights of live subscriptions are asked for again, in milliseconds. Default 60,000. */
  readonly recheckMs: number
  /** How long a connection lives on after its token has ended, in milliseconds. Default 25,000. */
  readonly expiryGraceMs: number
}

export const defaultLimits: Limits = {
  messageBytes: 65_536,
  helloBytes: 16_384,
  bodyBytes: 262_144,
  batchEvents: 100,
  helloTimeoutMs: 10_000,
  strangersPerAddress: 20,
  connections: 100_000,
  channelsPerConnection: 128,
  lanesPerConnection: 32,
  lanesPerSecond: 4,
  laneBurst: 64,
  framesPerSecond: 200,
  frameBurst: 400,
  requestsPerSecond: 1_000,
  requestBurst: 2_000,
  failuresPerSecond: 1,
  failureBurst: 60,
  waitingFrames: 1_000,
  waitingLength: 4_194_304,
  waitingAppends: 20_000,
  highWaterBytes: 262_144,
  hardBytes: 1_048_576,
  pageEntries: 300,
  pageLength: 131_072,
  replayEntries: 100_000,
  tailEntries: 256,
  tailLength: 262_144,
  channelLingerMs: 5_000,
  snapshotEvery: 256,
  heartbeatMs: 25_000,
  presenceGraceMs: 10_000,
  presenceLength: 2_048,
  presenceMembers: 1_000,
  callTimeoutMs: 10_000,
  openCalls: 32,
  answerTimeoutMs: 30_000,
  recheckMs: 60_000,
  expiryGraceMs: 25_000,
}

/** The longest that the platform's timers can wait, in milliseconds, and more than anybody needs of anything else. */
const MOST = 2_147_483_647

/** What is counted by the second may be a fraction; anything else is a whole number. */
const isRate = (name: string) => name.endsWith('PerSecond')

/** The limits with the application's own in place; throws on one that is unknown, that is no limit, or that makes no sense. */
export function limitsWith(own: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(own)) {
    if (!Object.hasOwn(defaultLimits, name)) throw new TypeError(`There is no limit called "${name}".`)
    if (typeof value === 'number' && value > 0 && value <= MOST && (isRate(name) || Number.isInteger(value)))
      continue
    const kind = isRate(name) ? 'number' : 'whole number'
    throw new TypeError(
      `The limit ${name} is ${String(value)}; it must be a ${kind} above zero, and at most ${MOST}.`,
    )
  }
  const limits = { ...defaultLimits, ...own }
  for (const order of ORDERS) refuseInverted(limits, order)
  return limits
}

/** What must not be above what. */
interface Order {
  readonly low: keyof Limits
  readonly high: keyof Limits
  /** What comes on top of the lower one. */
  readonly envelope?: number
  readonly otherwise: string
}

const ORDERS: readonly Order[] = [
  {
    low: 'highWaterBytes',
    high: 'hardBytes',
    otherwise: 'a reader would be closed before it could fall behind',
  },
  { low: 'helloBytes', high: 'messageBytes', otherwise: 'a hello would be refused as a message' },
  // [ST2] Where no WebSocket passes, a message comes up in a body.
  {
    low: 'messageBytes',
    high: 'bodyBytes',
    envelope: LANE_BYTES,
    otherwise: 'a large write of a connection over HTTP would be refused for ever',
  },
]

function refuseInverted(limits: Limits, { low, high, envelope = 0, otherwise }: Order): void {
  if (limits[low] + envelope <= limits[high]) return
  const above = envelope > 0 ? `, with ${envelope} for its envelope above` : ', above'
  throw new TypeError(
    `The limit ${low} is ${limits[low]}${above} ${high}, which is ${limits[high]}: ${otherwise}. Change one of them.`,
  )
}

/** Lets `ratePerSecond` through in the long run and `burst` at once. */
export class TokenBucket {
  readonly #ratePerMs: number
  readonly #burst: number
  #tokens: number
  #filledAt: number

  /** `nowMs` is of a clock that never goes back. */
  constructor(ratePerSecond: number, burst: number, nowMs: number) {
    this.#ratePerMs = ratePerSecond / 1_000
    this.#burst = burst
    this.#tokens = burst
    this.#filledAt = nowMs
  }

  /** 0 when one may pass now, else how many milliseconds to wait for the next. */
  take(nowMs: number): number {
    const waitMs = this.wait(nowMs)
    if (waitMs === 0) this.#tokens -= 1
    return waitMs
  }

  /** What `take` would say, without taking. */
  wait(nowMs: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#filledAt) * this.#ratePerMs)
    this.#filledAt = nowMs
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) / this.#ratePerMs)
  }
}
