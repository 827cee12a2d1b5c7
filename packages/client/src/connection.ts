// Decides what the connection does next: dial, wait, ping, give up, by kind of failure. Pure: it is told facts and
// answers with orders; driver.ts carries them out.

import {
  type Backoff,
  backoffDelayMs,
  type Chance,
  codeOfClose,
  type ErrorCode,
  type ServerFrame,
  TidingsError,
} from '@tidings/core'
import { IMPOSSIBLE, type LifecycleHint, MOVED } from './ports.ts'

interface Attempts {
  /** How often in a row the connection has failed. One less for each sixth of `stableAfterMs` connected, 0 after all of it. */
  readonly attempt: number
  /** When the next dial is due, in wall milliseconds since 1970; undefined where none is planned. */
  readonly retryAt: number | undefined
}

/** Why there is no connection at the moment, although there shall be one. */
export type ReconnectReason =
  /** The link broke, or the server could not be reached. */
  | 'network'
  /** The device says that it has no network: dialled again as soon as it has. */
  | 'offline'
  /** The server closed the connection. */
  | 'server'
  /** The server goes away for a restart and said when to come back. */
  | 'draining'
  /** Nothing came any more, not even the answer to a ping. */
  | 'silent'
  /** The server refused the token: a fresh one is asked for. */
  | 'refused-credentials'
  /** Too much was sent, or too many connections are open. */
  | 'rate-limited'
  /** The device slept, and the link did not outlive it. */
  | 'woke'
  /** The tab that had the connection for this one is gone, and another one takes over: nothing has failed. */
  | 'moved'
  /** `reconnect()` was called. */
  | 'by-app'
  /** So many failures in a row that only a probe is sent now and then. */
  | 'breaker'

export type ConnectionState =
  /** No connection, and none is wanted: nothing uses the client yet, the app said so, or it was closed for good. */
  | ({ readonly status: 'disconnected'; readonly reason: 'idle' | 'by-app' | 'closed' } & Attempts)
  /** The first dial is under way. */
  | ({ readonly status: 'connecting'; readonly reason: 'first' } & Attempts)
  | ({
      readonly status: 'connected'
      readonly reason: 'ready'
      /** The server's name for this connection, as its logs have it. */
      readonly connection: string
      /** The public name under which others see this client's writes, presence and signals. */
      readonly you: string
      /** Who the server takes this client for; undefined for anonymous. */
      readonly user: string | undefined
      /** Wall milliseconds since 1970. */
      readonly since: number
      /** Round trip of the last ping, in milliseconds; undefined before the first. */
      readonly latencyMs: number | undefined
    } & Attempts)
  /** Dialling again, or waiting until `retryAt` (undefined: not planned, or under way). */
  | ({ readonly status: 'reconnecting'; readonly reason: ReconnectReason } & Attempts)
  /** Given up until `reconnect()`: trying the same again would fail the same. */
  | ({
      readonly status: 'error'
      readonly reason: 'refused-credentials' | 'policy' | 'version' | 'gave-up'
      readonly error: TidingsError
    } & Attempts)

type Shown<Status> = Extract<ConnectionState, { readonly status: Status }>
type Welcome = Extract<ServerFrame, { readonly type: 'welcome' }>

/** What the machine knows: what the app sees of it, and what it needs besides. */
export type Connection = {
  /** Refused tokens in a row. */
  readonly refusals: number
} & (
  | { readonly name: 'off'; readonly shown: Shown<'disconnected' | 'error'> }
  | { readonly name: 'waiting'; readonly shown: Shown<'reconnecting'> }
  /** For a token. */
  | { readonly name: 'asking'; readonly shown: Shown<'connecting' | 'reconnecting'> }
  /** Dialled; the welcome has yet to come. */
  | { readonly name: 'greeting'; readonly shown: Shown<'connecting' | 'reconnecting'> }
  | {
      readonly name: 'online'
      readonly shown: Shown<'connected'>
      readonly heartbeatMs: number
      /** Monotonic milliseconds. */
      readonly startedAt: number
      /** A ping whose answer, or any other sign of life, is awaited. */
      readonly probe: Probe | undefined
    }
)
type Online = Extract<Connection, { readonly name: 'online' }>

interface Probe {
  /** Monotonic milliseconds. */
  readonly sentAt: number
  readonly patienceMs: number
  readonly reason: 'silent' | 'woke'
}

export type Input =
  /** Something uses the client. */
  | { readonly type: 'wanted' }
  | { readonly type: 'connectAsked' }
  | { readonly type: 'reconnectAsked' }
  | { readonly type: 'disconnectAsked'; readonly isForGood: boolean }
  | { readonly type: 'tokenArrived'; readonly token: string | undefined }
  | { readonly type: 'tokenFailed'; readonly error: unknown }
  /** No socket could be made at all: the address is wrong, or the page may not use it. */
  | { readonly type: 'dialFailed'; readonly error: unknown }
  | { readonly type: 'welcomed'; readonly welcome: Welcome }
  | { readonly type: 'ponged' }
  | { readonly type: 'drainAnnounced'; readonly retryAfterMs: number }
  /** `complaint`: the last error that the server sent about the connection as a whole. */
  | {
      readonly type: 'socketClosed'
      readonly code: number
      readonly reason: string
      readonly complaint: TidingsError | undefined
    }
  | { readonly type: 'hinted'; readonly hint: LifecycleHint }
  | { readonly type: 'timerFired' }

/** Orders, to be carried out in order. What may fail at once, or calls the app, comes last: it may be the next input. */
export type Effect =
  /** Leaves whatever token or socket there was before. */
  | { readonly type: 'askToken'; readonly reason: 'connect' | 'refused' }
  | { readonly type: 'dial'; readonly token: string | undefined }
  | { readonly type: 'hangUp' }
  | { readonly type: 'ping' }
  /** The one timer of the machine; undefined stops it. */
  | { readonly type: 'setTimer'; readonly delayMs: number | undefined }

export interface Breaker {
  /** Failures in a row until it opens. Default 10. */
  readonly failures: number
  /** While it is open, one probe in this time, in milliseconds. Default 60,000. */
  readonly pauseMs: number
}

export interface ConnectionRules {
  readonly backoff: Backoff
  /** Attempts in a row after which it gives up. Default: never. */
  readonly maxAttempts: number
  /** From dialling to the server's welcome; also what a token may take. Milliseconds, default 10,000. */
  readonly connectTimeoutMs: number
  /** The failures are forgotten after this long connected, one of them after each sixth of it. Milliseconds, default 30,000. */
  readonly stableAfterMs: number
  readonly breaker: Breaker
}

/** What a decision may depend on besides the state. */
export interface Circumstances {
  readonly rules: ConnectionRules
  readonly chance: Chance
  /** Wall milliseconds since 1970. */
  readonly now: number
  /** Monotonic milliseconds, as the two after it: the last frame received, the last sent. */
  readonly elapsed: number
  readonly heardAt: number
  readonly saidAt: number
  readonly isOnline: boolean
}

type Step = readonly [Connection, readonly Effect[]]

export const initialConnection: Connection = {
  name: 'off',
  refusals: 0,
  shown: { status: 'disconnected', reason: 'idle', attempt: 0, retryAt: undefined },
}

/** A link that does not answer a ping for this long is dead, in milliseconds; a shorter heartbeat makes it shorter. */
const PATIENCE_MS = 8_000
/** The same after a sleep, when most links are dead and a person is looking. */
const WAKE_PATIENCE_MS = 2_000
/** In so many steps failures are forgotten: 5 s for one of them, where all take 30 s. */
const FORGIVEN_STEPS = 6
/** Moves in a row, with no welcome between them, that are no failures yet. */
const MOST_MOVES = 3
/** Refused tokens in a row after which asking again is pointless. */
const MAX_REFUSALS = 3
/** What a server may ask for at most: a ping a second. */
const SHORTEST_HEARTBEAT_MS = 1_000

export function transition(state: Connection, input: Input, at: Circumstances): Step {
  switch (input.type) {
    case 'wanted':
      return state.shown.reason === 'idle' ? begin(state, at) : stay(state)
    case 'connectAsked':
      return state.shown.status === 'disconnected' && state.shown.reason !== 'closed'
        ? begin(state, at)
        : stay(state)
    case 'reconnectAsked':
      return reconnect(state, at)
    case 'disconnectAsked':
      return state.shown.reason === 'closed'
        ? stay(state)
        : turnOff(state, input.isForGood ? 'closed' : 'by-app')
    case 'tokenArrived':
      return state.name === 'asking' ? dial(state, input.token, at) : stay(state)
    case 'tokenFailed':
      return isSignedOut(input.error)
        ? stop(state, 'refused-credentials', input.error)
        : fail(state, 'network', at)
    case 'dialFailed':
      return stop(state, 'policy', dialError(input.error))
    case 'welcomed':
      return state.name === 'greeting' ? welcome(state, input.welcome, at) : stay(state)
    case 'ponged':
      return state.name === 'online' ? ponged(state, at) : stay(state)
    case 'drainAnnounced':
      return fail(state, 'draining', at, input.retryAfterMs)
    case 'socketClosed':
      return closed(state, input, at)
    case 'hinted':
      return hinted(state, input.hint, at)
    case 'timerFired':
      return timerFired(state, at)
  }
}

const FIRST: Shown<'connecting'> = { status: 'connecting', reason: 'first', attempt: 0, retryAt: undefined }
const again = (reason: ReconnectReason, attempt: number): Shown<'reconnecting'> => ({
  status: 'reconnecting',
  reason,
  attempt,
  retryAt: undefined,
})

const stay = (state: Connection): Step => [state, []]
const setTimer = (delayMs: number | undefined): Effect => ({ type: 'setTimer', delayMs })

function begin(state: Connection, at: Circumstances): Step {
  if (!at.isOnline) return wait(state, { reason: 'offline', attempt: 0 })
  return ask(state, FIRST, at)
}

function reconnect(state: Connection, at: Circumstances): Step {
  const { status, reason } = state.shown
  if (reason === 'closed') return stay(state)
  const fresh = { ...state, refusals: 0 }
  // A person who asks for it knows better than the device whether there is a network.
  if (status === 'disconnected') return ask(fresh, FIRST, at)
  return ask(fresh, again('by-app', 0), at)
}

function ask(
  { refusals }: Connection,
  shown: Shown<'connecting' | 'reconnecting'>,
  { rules }: Circumstances,
): Step {
  const reason = refusals > 0 ? 'refused' : 'connect'
  return [
    { name: 'asking', refusals, shown },
    [setTimer(rules.connectTimeoutMs), { type: 'askToken', reason }],
  ]
}

function dial(
  { refusals, shown }: Extract<Connection, { name: 'asking' }>,
  token: string | undefined,
  { rules }: Circumstances,
): Step {
  return [{ name: 'greeting', refusals, shown }, [setTimer(rules.connectTimeoutMs), { type: 'dial', token }]]
}

function welcome({ refusals, shown }: Connection, frame: Welcome, { now, elapsed }: Circumstances): Step {
  const heartbeatMs = Math.max(frame.heartbeatMs, SHORTEST_HEARTBEAT_MS)
  const connected: Shown<'connected'> = {
    status: 'connected',
    reason: 'ready',
    connection: frame.connection,
    you: frame.you,
    user: frame.user,
    since: now,
    latencyMs: undefined,
    attempt: shown.attempt,
    retryAt: undefined,
  }
  return [
    { name: 'online', refusals, shown: connected, heartbeatMs, startedAt: elapsed, probe: undefined },
    [setTimer(heartbeatMs)],
  ]
}

// ── Alive or not ──────────────────────────────────────────────────────────────────────────────────────────────────────

function ponged(state: Online, at: Circumstances): Step {
  if (!state.probe) return stay(state)
  const shown = { ...state.shown, latencyMs: Math.round(at.elapsed - state.probe.sentAt) }
  return [{ ...state, shown, probe: undefined }, [setTimer(state.heartbeatMs)]]
}

function probe(state: Online, reason: Probe['reason'], { elapsed }: Circumstances): Step {
  const patienceMs = Math.min(reason === 'woke' ? WAKE_PATIENCE_MS : PATIENCE_MS, state.heartbeatMs)
  return [
    { ...state, probe: { sentAt: elapsed, patienceMs, reason } },
    [{ type: 'ping' }, setTimer(patienceMs)],
  ]
}

/** [CN8] The server, too, counts silence: a client that only listens has to say something once in a while. */
function beat(state: Online, at: Circumstances): Step {
  const { probe: open, heartbeatMs } = state
  if (open && at.heardAt <= open.sentAt && at.elapsed - open.sentAt >= open.patienceMs)
    return fail(state, open.reason, at)
  const isQuiet = at.elapsed - Math.min(at.heardAt, at.saidAt) >= heartbeatMs
  const steady = isStable(state, at) ? { ...state, refusals: 0, shown: forgetFailures(state.shown) } : state
  if (isQuiet) return probe(steady, 'silent', at)
  return [
    { ...steady, probe: undefined },
    [setTimer(heartbeatMs - (at.elapsed - Math.min(at.heardAt, at.saidAt)))],
  ]
}

const forgetFailures = (shown: Shown<'connected'>) => (shown.attempt === 0 ? shown : { ...shown, attempt: 0 })

function isStable(state: Connection, { elapsed, rules }: Circumstances): boolean {
  return state.name === 'online' && elapsed - state.startedAt >= rules.stableAfterMs
}

function timerFired(state: Connection, at: Circumstances): Step {
  switch (state.name) {
    case 'off':
      return stay(state)
    case 'waiting':
      return ask(state, { ...state.shown, retryAt: undefined }, at)
    case 'asking':
    case 'greeting':
      return fail(state, 'network', at)
    case 'online':
      return beat(state, at)
  }
}

function hinted(state: Connection, hint: LifecycleHint, at: Circumstances): Step {
  const isBack = hint === 'online' || hint === 'visible' || hint === 'resumed'
  if (state.name === 'online') return isBack || hint === 'offline' ? probe(state, 'woke', at) : stay(state)
  if (state.name !== 'waiting') return stay(state)
  if (hint === 'offline') return wait(state, { reason: 'offline', attempt: state.shown.attempt })
  return isBack && at.isOnline && mayHurry(state.shown.reason, hint)
    ? ask(state, { ...state.shown, retryAt: undefined }, at)
    : stay(state)
}

/** Whether the hint is a reason not to wait any longer. What the server asked for is kept; the breaker yields to a network that came back. */
function mayHurry(reason: ReconnectReason, hint: LifecycleHint): boolean {
  return reason === 'breaker' ? hint === 'online' : reason !== 'draining' && reason !== 'rate-limited'
}

// ── Failures, by kind ─────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Close codes of RFC 6455 that say that the same again would fail the same. Not 1008: no refusal of the server's has it,
 * and a way that cuts messages into crumbs earns it for every client on it.
 */
const FINAL_CLOSES: Readonly<Record<number, ErrorCode>> = {
  1002: 'bad-frame',
  1003: 'bad-frame',
  1007: 'bad-frame',
}

function closed(
  state: Connection,
  { code, reason, complaint }: Extract<Input, { type: 'socketClosed' }>,
  at: Circumstances,
): Step {
  if (code === MOVED) return moved(state, at)
  if (code === IMPOSSIBLE) return stop(state, 'policy', dialError(reason))
  const cause =
    codeOfClose(code) ?? FINAL_CLOSES[code] ?? (complaint && isFinal(complaint) ? complaint.code : undefined)
  if (!cause) return fail(state, code === 1006 ? 'network' : 'server', at)
  const error =
    complaint?.code === cause
      ? complaint
      : new TidingsError(cause, reason || `The server closed the connection with ${code}.`)
  if (error.retry === 'new-token') return refused(state, error, at)
  if (error.retry === 'never')
    return stop(state, cause === 'unsupported-version' ? 'version' : 'policy', error)
  return fail(state, LATER_REASONS[cause] ?? 'server', at, error.retryAfterMs)
}

/** No failure, and no reason to wait; one that comes again and again before the welcome is one after all. */
function moved(state: Connection, at: Circumstances): Step {
  const isNew = state.name === 'online'
  const attempt = failuresOf(state, at) + (isNew ? 0 : 1)
  if (!at.isOnline || (!isNew && attempt > MOST_MOVES)) return fail(state, 'network', at)
  const { shown } = state
  if (shown.status === 'connecting') return ask(state, { ...shown, attempt }, at)
  return ask(state, again('moved', attempt), at)
}

const LATER_REASONS: Readonly<Partial<Record<ErrorCode, ReconnectReason>>> = {
  draining: 'draining',
  'rate-limited': 'rate-limited',
  'too-many-connections': 'rate-limited',
}

/** Proxies lose close codes; then the error frame before it counts. A bad frame alone does not end a connection. */
const isFinal = ({ retry, code }: TidingsError) => retry !== 'later' && code !== 'bad-frame'

/** The app's own word for "nobody is signed in": no failure, but no reason to go on either. */
export function isSignedOut(error: unknown): error is TidingsError {
  return error instanceof TidingsError && error.code === 'unauthenticated'
}

function dialError(error: unknown): TidingsError {
  if (error instanceof TidingsError) return error
  return new TidingsError('bad-request', `No connection can be made: ${String(error)}`, { cause: error })
}

/** The first refusal may be a token that has just ended: a fresh one is tried at once. */
function refused(state: Connection, error: TidingsError, at: Circumstances): Step {
  const refusals = (isStable(state, at) ? 0 : state.refusals) + 1
  if (refusals >= MAX_REFUSALS) return stop(state, 'refused-credentials', error)
  if (refusals > 1) return fail({ ...state, refusals }, 'refused-credentials', at)
  const attempt = failuresOf(state, at) + 1
  return ask({ ...state, refusals }, again('refused-credentials', attempt), at)
}

/**
 * Failures that still count. Each sixth of the time until all are forgotten makes up for one: who comes back after the
 * third crash of a server that worked for a while waits no longer than after the first, and a link that breaks before
 * that is answered with longer and longer pauses all the same.
 */
function failuresOf(state: Connection, at: Circumstances): number {
  const { attempt } = state.shown
  if (state.name !== 'online') return attempt
  if (isStable(state, at)) return 0
  const connectedMs = at.elapsed - state.startedAt
  return Math.max(0, attempt - Math.floor((FORGIVEN_STEPS * connectedMs) / at.rules.stableAfterMs))
}

function fail(state: Connection, reason: ReconnectReason, at: Circumstances, retryAfterMs?: number): Step {
  const { rules, chance, now, isOnline } = at
  const attempt = failuresOf(state, at) + 1
  const calm = isStable(state, at) ? { ...state, refusals: 0 } : state
  if (attempt > rules.maxAttempts) {
    return stop(
      calm,
      'gave-up',
      new TidingsError(
        'unavailable',
        `No connection after ${attempt} attempts; the last one failed with "${reason}".`,
      ),
    )
  }
  if (!isOnline) return wait(calm, { reason: 'offline', attempt })
  const isOpen = attempt >= rules.breaker.failures
  // A dead link says nothing about the server: the first dial anew need not wait.
  const isLink = attempt === 1 && (reason === 'silent' || reason === 'woke')
  if (isLink) return ask(calm, again(reason, attempt), at)
  const ownMs = isOpen
    ? rules.breaker.pauseMs
    : (retryAfterMs ?? backoffDelayMs(rules.backoff, attempt, chance))
  const delayMs = Math.max(ownMs, retryAfterMs ?? 0)
  return wait(calm, { reason: isOpen ? 'breaker' : reason, attempt, retryAt: now + delayMs }, delayMs)
}

function wait(
  { refusals }: Connection,
  {
    reason,
    attempt,
    retryAt,
  }: { readonly reason: ReconnectReason; readonly attempt: number; readonly retryAt?: number },
  delayMs?: number,
): Step {
  return [
    { name: 'waiting', refusals, shown: { status: 'reconnecting', reason, attempt, retryAt } },
    [setTimer(delayMs), { type: 'hangUp' }],
  ]
}

function turnOff({ refusals }: Connection, reason: 'by-app' | 'closed'): Step {
  const shown: Shown<'disconnected'> = { status: 'disconnected', reason, attempt: 0, retryAt: undefined }
  return [{ name: 'off', refusals, shown }, [setTimer(undefined), { type: 'hangUp' }]]
}

function stop(
  { refusals, shown: { attempt } }: Connection,
  reason: Shown<'error'>['reason'],
  error: TidingsError,
): Step {
  const shown: Shown<'error'> = { status: 'error', reason, error, attempt, retryAt: undefined }
  return [{ name: 'off', refusals, shown }, [setTimer(undefined), { type: 'hangUp' }]]
}
