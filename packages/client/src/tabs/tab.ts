// This tab among the others: it stands in line for the connection, has it, or is served by the one who does. Its client is
// given one socket after the other and need not know which of these it is.

import type { Cancel, Chance, Clock, Socket, SocketHandlers } from '@tidings/core'
import { Alarm } from '../alarm.ts'
import type { Lifecycle, LifecycleHint } from '../ports.ts'
import { Holder } from './holder.ts'
import type { Lane, LaneHandlers } from './lane.ts'
import { Line } from './line.ts'
import { holdLock } from './lock.ts'
import { type Call, readCall } from './messages.ts'
import type { Broadcast, Locks, OpenBroadcast } from './ports.ts'
import { type SocketOwner, TabSocket } from './tab-socket.ts'
import { Watch } from './watch.ts'

export interface TabOptions {
  /** Begins the names of all locks and channels: tabs with the same one share a connection. */
  readonly group: string
  readonly locks: Locks
  readonly openBroadcast: OpenBroadcast
  /** Dials the server itself. */
  readonly dial: (handlers: SocketHandlers) => Socket
  readonly clock: Clock
  readonly chance: Chance
  readonly lifecycle: Lifecycle
}

/** While a tab is among the others. */
interface Membership {
  /** By this name the others know it. */
  readonly id: string
  readonly channel: Broadcast
  /** It has the lock that shows the others that it lives. */
  isAlive: boolean
  endLife: Cancel
  /** Steps down, or out of the line. */
  stepDown: Cancel
}

/** The latest one that this tab has heard of. */
interface KnownHolder {
  readonly id: string
  readonly term: number
}

/** A tab whose socket ended stays among the others for this long, because it will dial again. Milliseconds. */
const LINGER_MS = 1_000

export class Tab implements SocketOwner {
  readonly #options: TabOptions
  readonly #sockets = new Set<TabSocket>()
  readonly #watch: Watch
  readonly #linger: Alarm
  #membership: Membership | undefined
  #holder: Holder | undefined
  #stopHints: Cancel | undefined
  #isFrozen = false
  /** The browser lets this page have no locks: each socket is a connection of its own. */
  #isAlone = false
  #latest: KnownHolder | undefined
  #isDoubting = false
  #lines = 0

  constructor(options: TabOptions) {
    const { clock, chance } = options
    this.#options = options
    this.#linger = new Alarm(clock, () => this.#restIfIdle())
    this.#watch = new Watch({
      ...{ clock, chance },
      ask: () => this.#call({ type: 'ask' }),
      onSilent: () => this.#stand({ steal: true }),
    })
  }

  /** Whether the connection is this tab's own. */
  get isHolder(): boolean {
    return this.#holder !== undefined
  }

  dial(handlers: SocketHandlers): Socket {
    const socket = new TabSocket(handlers, this)
    this.#sockets.add(socket)
    this.#linger.stop()
    this.#join()
    this.#connect(socket)
    return socket
  }

  ended(socket: TabSocket, isLeft: boolean): void {
    if (!this.#sockets.delete(socket) || this.#sockets.size > 0) return
    this.#watch.stop()
    if (isLeft) this.#restIfIdle()
    else this.#linger.set(LINGER_MS)
  }

  // ── Coming, going, sleeping ─────────────────────────────────────────────────────────────────────────────────────────

  #join(): void {
    if (this.#membership || this.#isAlone || this.#isFrozen) return
    const { group, locks, openBroadcast, chance, lifecycle } = this.#options
    this.#stopHints ??= lifecycle.subscribe((hint) => this.#hinted(hint))
    const id = chance.token(12)
    let channel: Broadcast
    try {
      channel = openBroadcast(group, (message) => this.#hear(readCall(message)))
    } catch {
      return this.#goAlone()
    }
    const membership: Membership = { id, channel, isAlive: false, endLife: () => {}, stepDown: () => {} }
    this.#membership = membership
    // Before anybody is told of this tab: who waits for its death must not be let in at once.
    membership.endLife = holdLock(locks, lifeOf(group, id), {
      held: () => {
        membership.isAlive = true
        for (const socket of [...this.#sockets]) this.#connect(socket)
      },
      lost: () => this.#goAlone(),
    })
    this.#stand()
  }

  #leave(): void {
    this.#resign()
    this.#watch.stop()
    this.#linger.stop()
    const membership = this.#membership
    this.#membership = undefined
    if (!membership) return
    membership.stepDown()
    membership.endLife()
    membership.channel.close()
  }

  #restIfIdle(): void {
    if (this.#sockets.size > 0 || this.#holder?.isServing) return
    this.#leave()
    this.#isFrozen = false
    this.#stopHints?.()
    this.#stopHints = undefined
  }

  #goAlone(): void {
    this.#isAlone = true
    this.#leave()
    for (const socket of [...this.#sockets]) this.#reconnect(socket)
  }

  #hinted(hint: LifecycleHint): void {
    if (hint === 'frozen' && !this.#isFrozen) {
      // One that sleeps serves nobody. What was its own is told when it wakes: then there is somebody to hear it.
      this.#isFrozen = true
      for (const socket of this.#sockets) socket.detach()
      this.#leave()
    } else if (this.#isFrozen && (hint === 'resumed' || hint === 'visible')) {
      this.#isFrozen = false
      this.#linger.set(LINGER_MS)
      for (const socket of [...this.#sockets]) {
        this.#linger.stop()
        if (socket.isOpen) socket.move()
        else {
          this.#join()
          this.#connect(socket)
        }
      }
    }
  }

  // ── Whose the connection is ─────────────────────────────────────────────────────────────────────────────────────────

  /** Waits in line for the connection, or takes it from one who is silent. */
  #stand({ steal = false } = {}): void {
    const { locks, group } = this.#options
    const membership = this.#membership
    if (!membership) return
    membership.stepDown()
    membership.stepDown = holdLock(
      locks,
      group,
      {
        held: () => this.#elected(membership.id),
        lost: (how) => (how === 'stolen' ? this.#deposed() : this.#goAlone()),
      },
      { steal },
    )
  }

  #elected(id: string): void {
    const { locks, group, dial, clock } = this.#options
    this.#watch.heard()
    this.#watch.stop()
    // Later than any that this tab has heard of, and than the others: all clocks of a browser are one.
    const term = Math.max((this.#latest?.term ?? 0) + 1, clock.now())
    this.#latest = { id, term }
    this.#holder = new Holder({
      ...{ id, term, locks, dial, clock },
      openLine: (line, hear) => this.#openLine(line, hear),
      lifeOf: (tab) => lifeOf(group, tab),
      onChange: () => {
        if (!this.#linger.isSet) this.#restIfIdle()
      },
    })
    this.#announce(this.#holder)
    for (const socket of [...this.#sockets]) this.#reconnect(socket)
  }

  /** Another tab has taken over, because this one was silent. */
  #deposed(): void {
    this.#latest = undefined
    this.#resign()
    this.#stand()
  }

  #resign(): void {
    const holder = this.#holder
    this.#holder = undefined
    holder?.resign()
  }

  // ── Its own sockets ─────────────────────────────────────────────────────────────────────────────────────────────────

  #connect(socket: TabSocket): void {
    if (socket.lane || this.#isFrozen) return
    const holder = this.#holder
    if (this.#isAlone) socket.attach((handlers) => ownConnection(this.#options.dial, handlers))
    else if (holder) socket.attach((handlers) => holder.open(handlers))
    else if (this.#membership?.isAlive) this.#callFor(socket, this.#membership.id)
  }

  /** The way that it was on is gone: one that was open ends, for its client to go on from where it was. */
  #reconnect(socket: TabSocket): void {
    if (socket.isOpen) return socket.move()
    socket.detach()
    this.#connect(socket)
  }

  #callFor(socket: TabSocket, tab: string): void {
    const name = `${tab}-${++this.#lines}`
    socket.attach((handlers) => {
      const line: Line = new Line({
        ...{ name, tab, handlers },
        open: (hear) => this.#openLine(name, hear),
        lines: () => [...this.#sockets].flatMap(({ lane }) => (lane instanceof Line ? lane.name : [])),
        call: (call) => this.#call(call),
        onTaken: (id, term) => this.#accept({ id, term }),
        onHeard: () => this.#watch.heard(),
        onSaid: () => this.#watch.used(),
      })
      return line
    })
    this.#watch.expect()
  }

  #openLine(line: string, hear: (message: unknown) => void): Broadcast {
    const { group, openBroadcast } = this.#options
    return openBroadcast(`${group} line ${line}`, hear)
  }

  // ── What is said between tabs ───────────────────────────────────────────────────────────────────────────────────────

  #call(call: Call): void {
    this.#membership?.channel.postMessage(call)
  }

  #announce({ id, term }: Holder): void {
    this.#call({ type: 'holding', holder: id, term })
  }

  #hear(call: Call | undefined): void {
    switch (call?.type) {
      case 'dial':
        return this.#holder?.take(call.tab, call.line, call.lines.split(' '))
      case 'forget':
        return this.#holder?.forget(call.line)
      case 'ask':
        if (this.#holder) this.#announce(this.#holder)
        return
      case 'holding':
        return this.#holding(call.holder, call.term)
    }
  }

  #holding(id: string, term: number): void {
    const holder = this.#holder
    if (holder) {
      // There are two for a moment, and the later one has the lock: this tab slept, and has yet to be told.
      if (term > holder.term || (term === holder.term && id > holder.id)) this.#deposed()
      return
    }
    if (!this.#accept({ id, term })) return
    for (const socket of [...this.#sockets]) {
      if (!(socket.lane instanceof Line)) continue
      if (socket.lane.holder === undefined) socket.lane.dial()
      else if (socket.lane.holder !== id) this.#reconnect(socket)
    }
  }

  /** Whether this is the latest holder. */
  #accept(holder: KnownHolder): boolean {
    const latest = this.#latest
    if (latest && holder.term < latest.term) {
      this.#doubt(latest)
      return false
    }
    this.#latest = holder
    this.#watch.heard()
    return true
  }

  /** Somebody holds by an earlier term than the latest. Where the latest is gone, the clock was set back since. */
  #doubt(latest: KnownHolder): void {
    if (this.#isDoubting) return
    this.#isDoubting = true
    const { locks, group } = this.#options
    const look = (lock: object | null) => {
      if (!lock || this.#latest !== latest) return
      this.#latest = undefined
      for (const socket of [...this.#sockets]) {
        const { lane } = socket
        if (lane instanceof Line && (lane.holder ?? latest.id) === latest.id) this.#reconnect(socket)
      }
    }
    const done = () => {
      this.#isDoubting = false
    }
    locks.request(lifeOf(group, latest.id), { ifAvailable: true }, look).then(done, done)
  }
}

const lifeOf = (group: string, tab: string) => `${group} life ${tab}`

/** A connection of its own in the place of a lane. */
function ownConnection(dial: TabOptions['dial'], handlers: LaneHandlers): Lane {
  const socket = dial({
    opened: () => handlers.opened(),
    received: (text) => handlers.received(text, 0),
    drained: () => {},
    closed: (code, reason) => handlers.closed(code, reason),
  })
  return {
    send: (text) => socket.send(text),
    read: () => {},
    close: () => socket.close(1000, ''),
  }
}
