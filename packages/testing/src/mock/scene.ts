// What every mock has behind it, in a page as on a port: a log with a past, data, what happens by itself, and which
// faults last at the moment. How a fault shows on connections is for those who carry them.

import type { Source } from '@tidings/client'
import {
  type Cancel,
  type Chance,
  type ChannelRef,
  type Clock,
  type Contract,
  Emitter,
  systemClock,
} from '@tidings/core'
import { seededChance } from '@tidings/core/testing'
import type { Authenticate, Authorize, Observe } from '@tidings/server'
import type { HubOptions } from '@tidings/server/parts'
import { callsOf } from './calls.ts'
import type { LastingFault } from './faults.ts'
import type { MockOptions } from './options.ts'
import { Samples, type SamplesOptions } from './samples.ts'
import { Stage } from './stage.ts'
import { trustingAuthenticate } from './who.ts'

type Happening = () => Promise<unknown>

export class Scene {
  readonly clock: Clock
  readonly chance: Chance
  readonly stage: Stage
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly calls: HubOptions['calls']
  readonly observe: Observe
  readonly faults: Source<ReadonlySet<LastingFault>>
  readonly #samples: Samples
  readonly #everyMs: number | undefined
  readonly #publish: (ref: ChannelRef, event: string) => Promise<unknown>
  readonly #report: (problem: unknown) => void
  readonly #changed: Emitter<[]>
  readonly #scripts = new Set<Cancel>()
  #lasting: ReadonlySet<LastingFault> = new Set()
  #hasBegun = false
  #isClosed = false

  /** `publish`: lets an event happen, with data of its own. */
  constructor(options: MockOptions<Contract>, publish: (ref: ChannelRef, event: string) => Promise<unknown>) {
    const { contract, clock = systemClock, seed = 1, history = 0, report = console.error } = options
    const { authenticate = trustingAuthenticate(options.user), authorize = () => true, everyMs } = options
    if (everyMs !== undefined) mustBeInterval(everyMs)
    this.clock = clock
    // The data repeats itself from seed to seed; the server's own names must not, or a page that is loaded anew would
    // take the new log for the old one.
    this.chance = seededChance(seed ^ clock.now())
    this.#publish = publish
    this.#report = report
    this.#everyMs = everyMs
    this.#changed = new Emitter(report)
    this.#samples = new Samples({
      ...{ contract, seed, toJsonSchema: options.toJsonSchema },
      // What a generator is given is the same for all of them; what it gives is checked by the event's schema.
      generators: (options.data ?? {}) as SamplesOptions['generators'],
    })
    const samples = this.#samples
    this.stage = new Stage({
      ...{ contract, clock, chance: this.chance, history, report, samples },
      isDown: () => this.has('log-down'),
    })
    this.faults = { get: () => this.#lasting, subscribe: (listener) => this.#changed.on(listener) }
    this.authenticate = (credentials) => (this.has('signed-out') ? undefined : authenticate(credentials))
    this.authorize = (request) =>
      request.action === 'publish' && this.has('read-only') ? false : authorize(request)
    this.calls = callsOf(contract, (options.calls ?? {}) as HubOptions['calls'], { samples, clock })
    this.observe = (happening) => {
      if (happening.name === 'fault') report(happening.error)
      options.observe?.(happening)
    }
  }

  has(fault: LastingFault): boolean {
    return this.#lasting.has(fault)
  }

  /** False where it lasts already. */
  add(fault: LastingFault): boolean {
    if (this.has(fault)) return false
    this.#change(new Set([...this.#lasting, fault]))
    return true
  }

  /** Gives back what has ended. */
  remove(fault?: LastingFault): ReadonlySet<LastingFault> {
    const before = this.#lasting
    const left = new Set([...before].filter((each) => fault !== undefined && each !== fault))
    this.#change(left)
    return new Set([...before].filter((each) => !left.has(each)))
  }

  /** What was given, or something invented. */
  dataFor(ref: ChannelRef, event: string, data: unknown): unknown {
    return data === undefined ? this.#samples.event(ref, event, this.clock.now()) : data
  }

  /** Somebody is there: what happens by itself begins. */
  begin(): void {
    if (this.#hasBegun || this.#everyMs === undefined) return
    this.#hasBegun = true
    this.every(this.#everyMs, () => this.stage.open.flatMap((ref) => this.happeningsOf(ref, [])))
  }

  happeningsOf(ref: ChannelRef, events: readonly string[]): Happening[] {
    const names = events.length > 0 ? events : this.#samples.eventsOf(ref)
    return names.map((event) => () => this.#publish(ref, event))
  }

  /** What happens in each such time happens at moments of its own within it: nothing real comes in step. */
  every(everyMs: number, happenings: () => Happening[]): Cancel {
    mustBeInterval(everyMs)
    const timers = new Set<Cancel>()
    const later = (delayMs: number, run: () => void) => {
      const cancel = this.clock.setTimer(delayMs, () => {
        timers.delete(cancel)
        run()
      })
      timers.add(cancel)
    }
    const round = () => {
      for (const happen of happenings()) {
        const atMs = Math.floor(everyMs * this.chance.fraction())
        later(atMs, () => void happen().catch((error) => this.#mention(error)))
      }
      later(everyMs, round)
    }
    round()
    const stop = () => {
      for (const cancel of timers) cancel()
      timers.clear()
      this.#scripts.delete(stop)
    }
    this.#scripts.add(stop)
    return stop
  }

  close(): void {
    this.#isClosed = true
    for (const cancel of [...this.#scripts]) cancel()
  }

  #change(lasting: ReadonlySet<LastingFault>): void {
    this.#lasting = lasting
    this.#changed.emit()
  }

  /** While the log is down, nothing happens in it: that is no problem of the script's. */
  #mention(error: unknown): void {
    if (!this.has('log-down') && !this.#isClosed) this.#report(error)
  }
}

function mustBeInterval(everyMs: number): void {
  if (!(everyMs > 0)) throw new TypeError(`Events every ${everyMs} ms cannot be; give more than zero.`)
}
