// A browser with its tabs: the locks they compete for, the broadcasts they hear, their timers and sockets. A test closes,
// crashes, freezes and wakes them, and what a real browser would lose is lost.

import type { Cancel, Clock } from '../clock.ts'
import type { Socket, SocketHandlers } from '../socket.ts'
import { FakeBroadcast } from './fake-broadcast.ts'
import { FakeLocks } from './fake-locks.ts'
import type { VirtualClock } from './virtual-clock.ts'

type Hint = 'online' | 'offline' | 'visible' | 'hidden' | 'frozen' | 'resumed'
type Dial = (url: string, protocols: readonly string[], handlers: SocketHandlers) => Socket

export class FakeBrowser {
  readonly clock: VirtualClock
  readonly locks: FakeLocks
  readonly broadcast: FakeBroadcast
  readonly tabs: FakeTab[] = []

  constructor(clock: VirtualClock) {
    this.clock = clock
    this.locks = new FakeLocks(clock)
    this.broadcast = new FakeBroadcast(clock)
  }

  open(): FakeTab {
    const tab = new FakeTab(this)
    this.tabs.push(tab)
    return tab
  }
}

/** One tab: what it is given is as good as the platform's, and stops with it. */
export class FakeTab {
  readonly clock: Clock
  readonly browser
  readonly lifecycle
  /** How much of the person's attention it has. */
  attention: 'focused' | 'visible' | 'hidden' = 'visible'
  /** Timers ring at multiples of this only, as those of hidden tabs do. Milliseconds; 0: when they are due. */
  throttleMs = 0
  #state: 'awake' | 'frozen' | 'gone' = 'awake'
  readonly #browser: FakeBrowser
  readonly #hints = new Set<(hint: Hint) => void>()
  readonly #sockets = new Set<Socket>()
  readonly #timers = new Set<Cancel>()
  /** What happened while it was frozen. */
  #missed: (() => void)[] = []

  constructor(browser: FakeBrowser) {
    this.#browser = browser
    const { clock, locks, broadcast } = browser
    this.clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimer: (delayMs, run) => {
        let isOver = false
        const fire = () => {
          if (isOver) return
          cancel()
          run()
        }
        const ring = clock.setTimer(this.#throttled(delayMs), () => this.run(fire))
        const cancel = () => {
          isOver = true
          ring()
          this.#timers.delete(cancel)
        }
        this.#timers.add(cancel)
        return cancel
      },
      endOfTurn: (run) => clock.endOfTurn(() => this.run(run)),
    }
    this.browser = {
      locks: { request: locks.request.bind(locks, this) },
      openBroadcast: broadcast.open.bind(broadcast, this),
      attention: () => this.attention,
    } as const
    this.lifecycle = {
      isOnline: () => true,
      subscribe: (listener: (hint: Hint) => void): Cancel => {
        this.#hints.add(listener)
        return () => void this.#hints.delete(listener)
      },
    }
  }

  get isGone(): boolean {
    return this.#state === 'gone'
  }

  /** Listeners to the page's life that were not taken back. */
  get hintListeners(): number {
    return this.#hints.size
  }

  /** Does something in this tab: later when it is frozen, and never when it is gone. */
  run(work: () => void): void {
    if (this.#state === 'awake') work()
    else if (this.#state === 'frozen') this.#missed.push(work)
  }

  /** A dial whose sockets belong to this tab. */
  dial(dial: Dial): Dial {
    return (url, protocols, handlers) => {
      const socket = dial(url, protocols, {
        opened: () => this.run(() => handlers.opened()),
        received: (text) => this.run(() => handlers.received(text)),
        drained: () => this.run(() => handlers.drained()),
        closed: (code, reason) => {
          this.#sockets.delete(socket)
          this.run(() => handlers.closed(code, reason))
        },
      })
      this.#sockets.add(socket)
      return socket
    }
  }

  hint(hint: Hint): void {
    for (const listener of [...this.#hints]) listener(hint)
  }

  /** The person closes it: it is told before. */
  close(): void {
    this.hint('frozen')
    this.#end()
  }

  /** Its process dies: it is not told, and what it has just posted reaches nobody. */
  crash(): void {
    this.#end()
    this.#browser.broadcast.lose(this)
  }

  /** Put to sleep by the browser, which says so. */
  freeze(): void {
    this.hint('frozen')
    this.hang()
  }

  /** Nothing runs in it any more, and nobody said so: a long computation, a debugger, a phone in a pocket. */
  hang(): void {
    if (this.#state === 'awake') this.#state = 'frozen'
  }

  /** Awake again: what happened meanwhile happens now. */
  wake({ isTold = true } = {}): void {
    if (this.#state !== 'frozen') return
    this.#state = 'awake'
    if (isTold) this.hint('resumed')
    for (const work of this.#missed.splice(0)) this.run(work)
  }

  #end(): void {
    this.#state = 'gone'
    this.#missed = []
    for (const cancel of this.#timers) cancel()
    this.#browser.locks.release(this)
    this.#browser.broadcast.forget(this)
    for (const socket of [...this.#sockets]) socket.close(1001, '')
  }

  #throttled(delayMs: number): number {
    if (this.throttleMs === 0) return delayMs
    const now = this.#browser.clock.monotonic()
    return Math.ceil((now + delayMs) / this.throttleMs) * this.throttleMs - now
  }
}
