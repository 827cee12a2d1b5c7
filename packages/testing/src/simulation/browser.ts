// A person's browser: what its tabs have in common. The locks they compete for and the messages between them, the disk
// with their outboxes, and what was done once for the person. Each takes its time, so that a tab may end in between.

import type { Browser as BrowserPorts } from '@tidings/client/tabs'
import type { Cancel, Chance } from '@tidings/core'
import { FakeBroadcast, FakeLocks } from '@tidings/core/testing'
import { type DiskPage, OutboxDisk } from '../outbox-disk.ts'
import { Effects } from './effects.ts'
import type { Machine } from './machine.ts'
import type { Seams } from './seams.ts'
import type { DiskShape, Shape } from './shape.ts'
import type { Timeline } from './timeline.ts'
import type { Complain } from './violation.ts'

export interface BrowserOptions {
  readonly name: string
  readonly timeline: Timeline
  readonly chance: Chance
  readonly complain: Complain
  /** Whether its tabs share one connection. */
  readonly isShared: boolean
  /** Where its outboxes are kept; undefined: nowhere. */
  readonly disk: DiskShape | undefined
  /** What a message between tabs, or a lock, takes: in milliseconds. */
  readonly latencyMs: number
  readonly seams: Seams
}

/** How much of the person's attention a tab has. */
export type Attention = ReturnType<BrowserPorts['attention']>

export class Browser {
  readonly name: string
  readonly isShared: boolean
  readonly locks: FakeLocks
  readonly broadcast: FakeBroadcast
  readonly disk = new OutboxDisk()
  readonly effects: Effects
  /** By how much somebody has set its clock wrong, in milliseconds. */
  skewMs = 0
  /** When what was on the disk was wiped or damaged the last time. */
  lostAt = Number.NEGATIVE_INFINITY
  /** The disk has failed in some way: what waits for it does not wait for ever. */
  hasFailed = false
  /** Pages that the disk has not answered, and never will. */
  isStuck = false
  readonly #options: BrowserOptions
  #lastAt = 0

  constructor(options: BrowserOptions) {
    const { name, timeline, isShared, complain } = options
    this.#options = options
    this.name = name
    this.isShared = isShared
    const turns = { endOfTurn: (run: () => void) => this.#soon(run) }
    this.locks = new FakeLocks(turns)
    this.broadcast = new FakeBroadcast(turns)
    this.effects = new Effects({ now: () => timeline.now, complain })
  }

  /** What the platform gives a tab. */
  portsOf(machine: Machine, attention: () => Attention): BrowserPorts {
    const ports: BrowserPorts = {
      locks: { request: (name, options, work) => this.locks.request(machine, name, options, work) },
      openBroadcast: (name, hear) => this.broadcast.open(machine, name, hear),
      attention,
    }
    return this.#options.seams.browser?.(ports) ?? ports
  }

  /** A tab's way to the disk. `strike` is called before each step of it, and may end or freeze the tab. */
  openDisk(machine: Machine, strike: () => void): DiskPage | undefined {
    const { disk, timeline, chance } = this.#options
    if (!disk) return undefined
    const tookMs = () => disk.latencyMs * (0.5 + chance.fraction())
    return this.disk.open({
      isExclusive: disk.isExclusive,
      pause: (before) =>
        new Promise((resolve) => {
          const goOn = () => {
            strike()
            // The disk works on for a page that is frozen; its answer waits.
            if (before === 'effect') resolve()
            else machine.run(resolve)
          }
          timeline.after(tookMs(), goOn)
        }),
    })
  }

  /** The tab is gone; `losesPosts`: with what it has just said to the others. */
  forget(machine: Machine, losesPosts: boolean): void {
    this.locks.release(machine)
    this.broadcast.forget(machine)
    if (losesPosts) this.broadcast.lose(machine)
  }

  wipe(): void {
    this.disk.clear()
    this.lostAt = this.#options.timeline.now
  }

  damage(what: 'heads' | 'rows'): void {
    this.disk.damage(what, { not: 'what was written' })
    this.lostAt = this.#options.timeline.now
  }

  /** A storage that fails is not waited for: what was sent may not be known to have been. */
  get mayShowTwice(): boolean {
    return this.hasFailed || this.lostAt > Number.NEGATIVE_INFINITY || !this.#options.disk?.isExclusive
  }

  heal(): void {
    this.broadcast.drops = () => false
    this.disk.fault = undefined
    this.skewMs = 0
  }

  /** Things between tabs happen in the order in which they were begun. */
  #soon(run: () => void): Cancel {
    const { timeline, chance, latencyMs } = this.#options
    this.#lastAt = Math.max(this.#lastAt, timeline.now + latencyMs * (0.5 + chance.fraction()))
    return timeline.at(this.#lastAt, run)
  }
}

export interface BrowsersOptions extends Pick<BrowserOptions, 'timeline' | 'complain' | 'seams'> {
  readonly shape: Shape
  /** Of its own for each part. */
  readonly chance: (part: string) => Chance
}

/** For each tab of the shape the browser whose it is. */
export function openBrowsers({ shape, chance, ...options }: BrowsersOptions): readonly Browser[] {
  const { tabs, browsers, disk, tabLatencyMs: latencyMs = 0 } = shape
  const all = new Map<string, Browser>()
  return tabs.map((_, place) => {
    const name = `browser${browsers?.[place] ?? place}`
    let browser = all.get(name)
    if (!browser) {
      const isShared = browsers !== undefined
      browser = new Browser({ ...options, name, chance: chance(name), isShared, disk, latencyMs })
      all.set(name, browser)
    }
    return browser
  })
}
