// All plain connections of the node: they come in here, are looked after by one timer, and end when a right ends or the
// server goes away.

import { type Cancel, type Chance, type Clock, type Socket, TidingsError } from '@tidings/core'
import type { Authenticate, Authorize, Credentials } from '../authority.ts'
import type { After } from '../cursor.ts'
import { parseAfter } from '../http/history.ts'
import type { Hub } from '../hub.ts'
import type { Limits } from '../limits.ts'
import type { Observe } from '../observe.ts'
import type { ServerEnd } from '../session-host.ts'
import { type PlainEndpoint, placeOf } from './endpoint.ts'
import { PlainSession } from './session.ts'

export interface PlainSessionsOptions {
  readonly endpoints: readonly PlainEndpoint[]
  readonly hub: Hub
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly limits: Limits
  readonly clock: Clock
  readonly chance: Chance
  readonly observe: Observe
}

/** What an upgrade meets at a plain endpoint. */
export interface PlainDoor {
  readonly refusal: TidingsError | undefined
  accept(socket: Socket, handshake: Omit<Credentials, 'token'>): ServerEnd
}

/** Deadlines are looked at this often. */
const SWEEP_MS = 1_000

export class PlainSessions {
  readonly #options: PlainSessionsOptions
  readonly #sessions = new Set<PlainSession>()
  #cancelSweep: Cancel | undefined

  constructor(options: PlainSessionsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Undefined where no endpoint has this path. */
  doorAt(path: string, query: URLSearchParams): PlainDoor | undefined {
    const { endpoints, hub, limits, ...rest } = this.#options
    const place = placeOf(endpoints, path)
    if (!place) return undefined
    const after = startOf(query)
    const refusal =
      place instanceof TidingsError ? place : after instanceof TidingsError ? after : this.#noRoom()
    return {
      refusal,
      accept: (socket, handshake) => {
        if (place instanceof TidingsError || after instanceof TidingsError)
          throw new Error('A refused connection was accepted.')
        const session = new PlainSession({
          ...{ ...rest, ...place, hub, limits, socket, handshake, after },
          token: query.get('token') ?? undefined,
          onClosed: (closed) => this.#forget(closed),
        })
        this.#sessions.add(session)
        this.#cancelSweep ??= this.#scheduleSweep()
        return session
      },
    }
  }

  /** Ends the connections of a user; says how many there were. */
  revoke(user: string): number {
    const named = [...this.#sessions].filter((session) => session.user === user)
    for (const session of named) session.end('revoked', 'The right to be connected was taken away.')
    return named.length
  }

  /** Ends every connection at a time of its own within the window. */
  drain(windowMs: number): void {
    for (const session of this.#sessions) session.drain(windowMs * this.#options.chance.fraction())
  }

  close(): void {
    for (const session of [...this.#sessions]) session.end('draining', 'The server is going away.')
  }

  #noRoom(): TidingsError | undefined {
    if (this.#options.hub.hasRoom) return undefined
    return new TidingsError('too-many-connections', 'This node has no room for another connection.', {
      retryAfterMs: 5_000,
    })
  }

  #scheduleSweep(): Cancel {
    return this.#options.clock.setTimer(SWEEP_MS, () => {
      this.#cancelSweep = this.#scheduleSweep()
      for (const session of this.#sessions) session.sweep(SWEEP_MS)
    })
  }

  #forget(session: PlainSession): void {
    this.#sessions.delete(session)
    if (this.#sessions.size > 0) return
    this.#cancelSweep?.()
    this.#cancelSweep = undefined
  }
}

function startOf(query: URLSearchParams): After | TidingsError {
  try {
    return parseAfter(query.get('after'), 'now')
  } catch (error) {
    if (error instanceof TidingsError) return error
    throw error
  }
}
