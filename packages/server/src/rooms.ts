// The rooms of a node, one for each channel in which something goes on besides the log: opened when the first comes,
// forgotten when nobody is left. What somebody enters or signals with passes the contract here.

import { type ChannelRef, type Clock, TidingsError, validateOrThrow, type WireMember } from '@tidings/core'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'
import { type Occupant, Room } from './room.ts'
import type { Turn } from './turn.ts'

export interface RoomsOptions {
  readonly clock: Clock
  readonly turn: Turn
  readonly limits: Limits
  readonly observe: Observe
}

export class Rooms {
  readonly #options: RoomsOptions
  readonly #open = new Map<string, Room>()

  constructor(options: RoomsOptions) {
    this.#options = options
  }

  /** Members of all rooms. */
  get present(): number {
    return this.#open.values().reduce((sum, { total }) => sum + total, 0)
  }

  open(channel: string): Room {
    const open = this.#open.get(channel)
    if (open) return open
    const room = new Room({ ...this.#options, channel })
    this.#open.set(channel, room)
    return room
  }

  presence(channel: string): { readonly total: number; readonly members: readonly WireMember[] } {
    const room = this.#open.get(channel)
    return { total: room?.total ?? 0, members: room?.members() ?? [] }
  }

  /** Throws when the contract refuses the state. */
  enter(occupant: Occupant, ref: ChannelRef, member: WireMember): void {
    const schema = ref.definition.presence
    if (!schema) throw new TidingsError('unknown-event', `The channel ${ref.name} has no presence.`)
    validateOrThrow(schema, member.state, { root: 'state', code: 'invalid-data', channel: ref.name })
    const { presenceLength } = this.#options.limits
    if (JSON.stringify(member.state).length > presenceLength) {
      throw new TidingsError('too-large', `A presence state may have ${presenceLength} characters of JSON.`, {
        field: 'state',
      })
    }
    this.open(ref.name).enter(occupant, member)
  }

  /** Throws when the contract refuses the signal. */
  signal(occupant: Occupant, ref: ChannelRef, name: string, data: unknown): void {
    const schema = Object.hasOwn(ref.definition.signals, name) ? ref.definition.signals[name] : undefined
    if (!schema)
      throw new TidingsError('unknown-event', `The channel ${ref.name} has no signal "${name}".`, {
        field: 'name',
      })
    validateOrThrow(schema, data, { root: 'data', code: 'invalid-data', channel: ref.name })
    this.open(ref.name).signal(occupant, name, data)
  }

  /** Members whose grace is over leave, crowds hear of their number, and empty rooms close. */
  sweep(): void {
    for (const [channel, room] of this.#open) {
      room.sweep()
      if (room.isEmpty) this.#open.delete(channel)
    }
  }
}
