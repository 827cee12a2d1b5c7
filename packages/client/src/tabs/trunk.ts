// One real connection with the lanes on it: puts envelopes on and takes them off, and notices when the connection is dead.
// What is in an envelope is its lane's affair.

import { type Clock, parseMessage, type Socket, type SocketHandlers } from '@tidings/core'
import { Alarm } from '../alarm.ts'
import { readFrame, readLaneFrame } from '../frame.ts'
import { MOVED } from '../ports.ts'
import type { Lane, LaneHandlers } from './lane.ts'

export interface TrunkOptions {
  readonly dial: (handlers: SocketHandlers) => Socket
  readonly clock: Clock
  /** It has ended, or nobody needs it any more. */
  readonly onOver: (trunk: Trunk) => void
}

/** A dial that takes longer has failed, in milliseconds: else those who give up and come again would keep it for ever. */
const DIAL_MS = 10_000
/** Who says something after this much silence wants to know whether anybody still hears it, in milliseconds. */
const QUIET_MS = 5_000
/** A connection on which nothing comes for this long after a ping is dead, in milliseconds. */
const PATIENCE_MS = 8_000
/** The same when a lane is opened: a tab that dials anew may have found out before. */
const SUSPICION_MS = 2_000
/** The server's word for a connection that has all the lanes it may have, and for more of them than it lets in now. */
const TOO_MANY = 4430

export class Trunk {
  readonly #options: TrunkOptions
  readonly #lanes = new Set<TrunkLane>()
  /** Those that the server knows. */
  readonly #numbered = new Map<number, TrunkLane>()
  readonly #probe: Alarm
  #socket: Socket | undefined
  #state: 'dialling' | 'open' | 'over' = 'dialling'
  /** The server goes away: who is on it stays, and nobody else comes. */
  #isLeaving = false
  /** The server took no further lane; until one of them ends. */
  #isFull = false
  #highest = 0
  #heardAt: number
  /** When the ping was sent that has not been answered. */
  #askedAt: number | undefined

  constructor(options: TrunkOptions) {
    const { clock, dial } = options
    this.#options = options
    this.#heardAt = clock.monotonic()
    this.#probe = new Alarm(clock, () => (this.#state === 'dialling' ? this.#hangUp(1006) : this.abandon()))
    const socket = dial({
      opened: () => this.#opened(),
      received: (text) => this.#received(text),
      drained: () => {},
      closed: (code, reason) => this.#end(code, reason),
    })
    // It may have failed, or stand, before it is here.
    if (this.#state === 'over') socket.close(1000, '')
    else this.#socket = socket
    if (this.#state === 'dialling') this.#probe.set(DIAL_MS)
  }

  /** Whether another lane may be opened on it. One that seems dead is given up for it. */
  takesMore(): boolean {
    const { clock } = this.#options
    if (this.#askedAt !== undefined && clock.monotonic() - this.#askedAt >= SUSPICION_MS) this.abandon()
    return this.#state !== 'over' && !this.#isLeaving && !this.#isFull
  }

  open(handlers: LaneHandlers): Lane {
    const lane = new TrunkLane(this, handlers)
    if (this.#state === 'over') handlers.closed(1006, '')
    else this.#lanes.add(lane)
    if (this.#state === 'open') handlers.opened()
    return lane
  }

  /** Ends it without a failure: who is on it dials again at once. */
  abandon(): void {
    this.#hangUp(MOVED)
  }

  // ── For its lanes ───────────────────────────────────────────────────────────────────────────────────────────────────

  say(lane: TrunkLane, text: string): void {
    // A lane is opened by its first frame, and numbers have to ascend.
    if (lane.number === undefined) this.#numbered.set((lane.number = ++this.#highest), lane)
    const frames = text.startsWith('[') ? text : `[${text}]`
    this.#send(`{"type":"lane","lane":${lane.number},"frames":${frames}}`)
  }

  read(lane: TrunkLane, mark: number): void {
    this.#send(JSON.stringify({ type: 'laneRead', lane: lane.number, mark }))
  }

  leave(lane: TrunkLane): void {
    if (!this.#lanes.has(lane)) return
    if (lane.number !== undefined) this.#send(JSON.stringify({ type: 'laneClosed', lane: lane.number }))
    this.#forget(lane)
  }

  // ── The connection ──────────────────────────────────────────────────────────────────────────────────────────────────

  #opened(): void {
    if (this.#state !== 'dialling') return
    this.#state = 'open'
    this.#probe.stop()
    this.#heardAt = this.#options.clock.monotonic()
    for (const lane of [...this.#lanes]) lane.handlers.opened()
  }

  #send(text: string): void {
    const now = this.#options.clock.monotonic()
    this.#socket?.send(text)
    if (this.#askedAt !== undefined || now - this.#heardAt < QUIET_MS) return
    this.#askedAt = now
    this.#probe.set(PATIENCE_MS)
    this.#socket?.send('{"type":"ping"}')
  }

  #received(text: string): void {
    if (this.#state === 'over') return
    this.#heardAt = this.#options.clock.monotonic()
    this.#askedAt = undefined
    this.#probe.stop()
    const message = parseMessage(text)
    if (message.ok) for (const value of message.values) this.#take(value)
    else this.#tellAll(text)
  }

  #take(value: unknown): void {
    const frame = readLaneFrame(value) ?? readFrame(value)
    switch (frame?.type) {
      case 'lane':
        this.#numbered.get(frame.lane)?.handlers.received(JSON.stringify(frame.frames), frame.mark ?? 0)
        break
      case 'laneClosed':
        this.#laneClosed(frame.lane, frame.code, frame.message ?? '')
        break
      case 'drain':
        this.#isLeaving = true
        break
      case 'pong':
        break
      default:
        // It speaks about the connection, and so to everybody on it.
        this.#tellAll(JSON.stringify(value))
    }
  }

  #tellAll(text: string): void {
    for (const lane of [...this.#lanes]) lane.handlers.received(text, 0)
  }

  #laneClosed(number: number, code: number, reason: string): void {
    const lane = this.#numbered.get(number)
    if (!lane) return
    this.#forget(lane)
    // Where one is turned away, there is no room before another leaves.
    if (code === TOO_MANY) this.#isFull = true
    lane.handlers.closed(code, reason)
  }

  #forget(lane: TrunkLane): void {
    if (!this.#lanes.delete(lane)) return
    if (lane.number !== undefined) this.#numbered.delete(lane.number)
    this.#isFull = false
    if (this.#lanes.size === 0) this.#hangUp(1000)
  }

  #hangUp(code: number): void {
    if (this.#state === 'over') return
    this.#socket?.close(1000, '')
    this.#end(code, '')
  }

  #end(code: number, reason: string): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#probe.stop()
    this.#options.onOver(this)
    const lanes = [...this.#lanes]
    this.#lanes.clear()
    this.#numbered.clear()
    for (const lane of lanes) lane.handlers.closed(code, reason)
  }
}

class TrunkLane implements Lane {
  readonly handlers: LaneHandlers
  /** Given with the first message. */
  number: number | undefined
  readonly #trunk: Trunk

  constructor(trunk: Trunk, handlers: LaneHandlers) {
    this.#trunk = trunk
    this.handlers = handlers
  }

  send(text: string): void {
    this.#trunk.say(this, text)
  }

  read(mark: number): void {
    this.#trunk.read(this, mark)
  }

  close(): void {
    this.#trunk.leave(this)
  }
}
