// A connection as the kit shows it: the client's own state fits, and so does any other that has the same few words.
// Decides which of five looks it gets and when it is worth a banner. Pure.

import type { ConnectionLabels } from './labels.ts'

export interface Connection {
  readonly status: 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'error'
  /** `offline` (the device has no network) and `idle` (nobody wants a connection yet) are told apart. */
  readonly reason?: string | undefined
  /** Failed attempts in a row. */
  readonly attempt?: number | undefined
  /** When the next attempt is due, in wall milliseconds since 1970. */
  readonly retryAt?: number | undefined
  /** Round trip of the last ping. */
  readonly latencyMs?: number | undefined
  /** Why it was given up. */
  readonly error?: { readonly message: string } | undefined
}

/** A drop shorter than this changes nothing but the dot. */
export const QUIET_MS = 5_000

export type ConnectionLook = 'live' | 'waiting' | 'down' | 'off'

/** `hasLasted`: the trouble is older than what one keeps quiet about. */
export function lookOf({ status, reason }: Connection, hasLasted: boolean): ConnectionLook {
  switch (status) {
    case 'connected':
      return 'live'
    case 'connecting':
    case 'reconnecting':
      return hasLasted ? 'down' : 'waiting'
    case 'disconnected':
      return reason === 'idle' ? 'off' : 'down'
    case 'error':
      return 'down'
  }
}

/** Whether there should be a connection and is none. Nobody has to be told of one that nobody wanted. */
export function isTroubled({ status, reason }: Connection): boolean {
  return status !== 'connected' && reason !== 'idle'
}

export function wordFor({ status, reason }: Connection, labels: ConnectionLabels): string {
  if (status !== 'connected' && reason === 'offline') return labels.offline
  return labels[status]
}

export function explain({ status, reason, error }: Connection, labels: ConnectionLabels): string {
  if (status !== 'connected' && reason === 'offline') return labels.explainOffline
  switch (status) {
    case 'connected':
      return labels.explainConnected
    case 'connecting':
      return labels.explainConnecting
    case 'reconnecting':
      return labels.explainReconnecting
    case 'disconnected':
      return labels.explainDisconnected
    case 'error':
      return error?.message ?? labels.explainError
  }
}

/** Whether trying now could help: a device without a network has to get one first. */
export function canRetry({ status, reason }: Connection): boolean {
  return status !== 'connected' && status !== 'connecting' && reason !== 'offline'
}
