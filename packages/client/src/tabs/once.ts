// Effects that are meant for a person rather than a tab: a toast, a sound, confetti. All tabs hear of the event; the one
// that has the person's attention claims it, and the others let it be.

import { type Cancel, type Clock, formatPosition, TidingsError } from '@tidings/core'
import { Alarm } from '../alarm.ts'
import type { EventInfo } from '../inbox.ts'
import type { Lifecycle } from '../ports.ts'
import type { Attention, Broadcast, Browser, Locks } from './ports.ts'

export type Origin = EventInfo['origin']
/** What has to be known of an event. */
export type Happened = Pick<EventInfo, 'position' | 'origin' | 'isReplay'>

export interface OnceOptions {
  /** Begins the names of the locks and of the channel. */
  readonly group: string
  readonly origins: readonly Origin[]
  readonly browser: Browser
  readonly clock: Clock
  readonly lifecycle: Lifecycle
  readonly isHolder: () => boolean
  readonly report: (error: TidingsError) => void
}

interface Waiting {
  readonly effect: () => void
  /** Monotonic milliseconds. */
  readonly dueAt: number
}

/** How long a tab leaves an event to those who have more of the person's attention, in milliseconds. */
const HEADSTART_MS: Readonly<Record<Attention, number>> = { focused: 0, visible: 50, hidden: 600 }
/** The same for a hidden tab that has the connection. */
const HOLDER_HEADSTART_MS = 300
/** What the others may take to tell a page that opens or wakes what is done, in milliseconds. */
const TELL_MS = 100
/** A tab that is this late was asleep, and the moment is over. Milliseconds. */
const LATE_MS = 5_000
/** Events that are remembered as done, and those that wait; beyond, the oldest are forgotten. */
const MOST = 256

export class Once {
  readonly #options: OnceOptions
  /** What is done, by position, oldest first; here with the lock that shows it to the others. */
  readonly #done = new Map<string, Cancel | undefined>()
  readonly #waiting = new Map<string, Waiting>()
  /** Whose lock was asked for, and has not been given or denied yet. */
  readonly #claiming = new Set<string>()
  readonly #alarm: Alarm
  /** Open from the beginning, but while the page sleeps: what is done has to be known to whoever is left. */
  #channel: Broadcast | undefined
  /** Until then it may not know yet what is done. Monotonic milliseconds. */
  #toldBy = 0
  #hasSlept = false

  constructor(options: OnceOptions) {
    const { clock, lifecycle } = options
    this.#options = options
    this.#alarm = new Alarm(clock, () => this.#rang())
    this.#open()
    lifecycle.subscribe((hint) => {
      if (hint === 'frozen') this.#close()
      else if (hint === 'resumed' || hint === 'visible') this.#open()
    })
  }

  /** Does it, unless another tab does. */
  run({ position, origin: named, isReplay }: Happened, effect: () => void): void {
    const { origins, browser, clock } = this.#options
    const { locks } = browser
    // A write whose echo this page has slept through had its moment then, in a tab that may sleep by now itself.
    const origin = isReplay && this.#hasSlept ? 'replay' : named
    const isMeant = origins.includes(origin)
    // A write of this tab's own is nothing new to the person: not in the other tabs either.
    if (!isMeant && origin !== 'echo') return
    if (!locks || !this.#open()) return isMeant ? this.#perform(effect) : undefined
    const key = formatPosition(position)
    if (this.#done.has(key)) return
    const now = clock.monotonic()
    const dueAt = Math.max(now, this.#toldBy) + this.#headstartMs()
    if (!isMeant) this.#claim(locks, key, () => {})
    else if (dueAt === now) this.#claim(locks, key, effect)
    else this.#wait(key, { effect, dueAt })
  }

  /** False: the browser lets this page hear nothing of the others. */
  #open(): boolean {
    if (this.#channel) return true
    const { group, browser, clock } = this.#options
    try {
      this.#channel = browser.openBroadcast?.(group, (keys) => this.#hear(keys))
    } catch {
      return false
    }
    this.#channel?.unref?.()
    // It may have been done a moment ago, by a tab that is gone in another.
    this.#channel?.postMessage([])
    this.#toldBy = clock.monotonic() + TELL_MS
    return this.#channel !== undefined
  }

  /** What is done, by position. An empty list comes from a tab that asks for what it has missed. */
  #hear(keys: unknown): void {
    if (!Array.isArray(keys)) return
    for (const key of keys) if (typeof key === 'string') this.#remember(key)
    if (keys.length === 0 && this.#done.size > 0) this.#channel?.postMessage([...this.#done.keys()])
  }

  /** The page goes to sleep. Only one that holds nothing comes back from the browser's history. */
  #close(): void {
    this.#hasSlept = true
    this.#waiting.clear()
    this.#claiming.clear()
    this.#alarm.stop()
    for (const [key, release] of this.#done) {
      release?.()
      this.#done.set(key, undefined)
    }
    this.#channel?.close()
    this.#channel = undefined
  }

  #headstartMs(): number {
    const { browser, isHolder } = this.#options
    const attention = browser.attention()
    return attention === 'hidden' && isHolder() ? HOLDER_HEADSTART_MS : HEADSTART_MS[attention]
  }

  #wait(key: string, waiting: Waiting): void {
    this.#waiting.set(key, waiting)
    if (this.#waiting.size > MOST) this.#waiting.delete(oldest(this.#waiting))
    this.#schedule()
  }

  #schedule(): void {
    let next = Number.POSITIVE_INFINITY
    for (const { dueAt } of this.#waiting.values()) next = Math.min(next, dueAt)
    if (next < Number.POSITIVE_INFINITY) this.#alarm.set(next - this.#options.clock.monotonic())
    else this.#alarm.stop()
  }

  #rang(): void {
    const { browser, clock } = this.#options
    const now = clock.monotonic()
    for (const [key, { effect, dueAt }] of this.#waiting) {
      if (dueAt > now) continue
      this.#waiting.delete(key)
      if (browser.locks && now - dueAt < LATE_MS) this.#claim(browser.locks, key, effect)
    }
    this.#schedule()
  }

  /** Whoever gets the lock does it, and keeps the lock to show that it is done. */
  #claim(locks: Locks, key: string, effect: () => void): void {
    this.#claiming.add(key)
    const claimed = (lock: object | null) => {
      // Another tab has done it, or the page has slept since, and the moment is over.
      if (!this.#claiming.delete(key) || !lock) return
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#remember(key, resolve)
      // For those who come to it after this tab, and its locks, are gone.
      this.#channel?.postMessage([key])
      this.#perform(effect)
      return promise
    }
    locks.request(`${this.#options.group} ${key}`, { ifAvailable: true }, claimed).catch(() => {
      // The browser gives out no locks: better twice than never.
      if (this.#claiming.delete(key)) this.#perform(effect)
    })
  }

  #remember(key: string, release?: Cancel): void {
    this.#waiting.delete(key)
    this.#claiming.delete(key)
    if (this.#done.has(key)) return
    this.#done.set(key, release)
    if (this.#done.size <= MOST) return
    const first = oldest(this.#done)
    this.#done.get(first)?.()
    this.#done.delete(first)
  }

  #perform(effect: () => void): void {
    try {
      effect()
    } catch (cause) {
      this.#options.report(new TidingsError('internal', 'An effect of the app threw.', { cause }))
    }
  }
}

const oldest = <Key>(map: ReadonlyMap<Key, unknown>) => map.keys().next().value as Key
