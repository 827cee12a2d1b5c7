// What screen readers are told, across the whole app: one queue for what can wait and one for what cannot, spoken one
// after the other, so that nothing is cut off. Bounded; the same sentence is not said twice in a row within a moment,
// and a newer message with the same key takes the place of one that waits. No React in here.

import { type Cancel, type Clock, systemClock } from '@tidings/core'

export type Urgency = 'polite' | 'assertive'

export interface AnnounceOptions {
  /** `assertive` interrupts: for errors that need a person. Default: `polite`. */
  readonly urgency?: Urgency | undefined
  /** Messages about the same thing: of those that wait, only the newest is said. */
  readonly key?: string | undefined
}

export interface Announcement {
  readonly text: string
  readonly urgency: Urgency
  /** When it was said, in wall milliseconds since 1970. */
  readonly at: number
}

export interface Spoken {
  readonly polite: string
  readonly assertive: string
}

export interface Announcer {
  readonly announce: (text: string, options?: AnnounceOptions) => void
  /** What was said, oldest first; the last hundred. For tests, and for whoever wonders what was said. */
  readonly log: () => readonly Announcement[]
  /** Forgets what waits and what was said. */
  readonly clear: () => void
  /** What the regions hold at the moment. */
  readonly spoken: { readonly get: () => Spoken; readonly subscribe: (listener: () => void) => Cancel }
  /** Called by a region that is on the page. The first one speaks; nothing is said while there is none. */
  readonly attach: (region: object) => Cancel
  readonly isSpeaker: (region: object) => boolean
}

interface Waiting {
  readonly text: string
  readonly urgency: Urgency
  readonly key: string | undefined
}

/** Long enough for a screen reader to notice a change before the next one. */
const PACE_MS = 500
/** After this a sentence is taken away, so that nobody finds it later at the end of the page. */
const LINGER_MS = 7_000
const REPEAT_MS = 2_000
const MAX_WAITING = 20
const MAX_LOG = 100
const SILENCE: Spoken = { polite: '', assertive: '' }

export function createAnnouncer({ clock = systemClock }: { readonly clock?: Clock } = {}): Announcer {
  let waiting: Waiting[] = []
  let log: readonly Announcement[] = []
  let now = SILENCE
  let regions: readonly object[] = []
  let cancel: Cancel | undefined
  const listeners = new Set<() => void>()

  function show(next: Spoken): void {
    now = next
    for (const listener of [...listeners]) listener()
  }

  function schedule(delayMs: number): void {
    cancel?.()
    cancel = clock.setTimer(delayMs, step)
  }

  function step(): void {
    cancel = undefined
    if (regions.length === 0) {
      // A region that comes later must not find what was said before it.
      if (now !== SILENCE) show(SILENCE)
      return
    }
    const next = waiting.find(({ urgency }) => urgency === 'assertive') ?? waiting[0]
    if (!next) {
      if (now !== SILENCE) show(SILENCE)
      return
    }
    waiting = waiting.filter((each) => each !== next)
    log = [...log, { text: next.text, urgency: next.urgency, at: clock.now() }].slice(-MAX_LOG)
    // The same sentence again is a change only if it differs: a no-break space is not spoken.
    const text = now[next.urgency] === next.text ? `${next.text}\u00a0` : next.text
    show({ ...SILENCE, [next.urgency]: text })
    schedule(waiting.length > 0 ? PACE_MS : LINGER_MS)
  }

  function announce(text: string, { urgency = 'polite', key }: AnnounceOptions = {}): void {
    if (text === '') return
    // Whatever becomes of this one: what else waits under the same key is no longer true.
    waiting = waiting.filter((each) => each.text === text || key === undefined || each.key !== key)
    const last = log.at(-1)
    const isRepeated = last?.text === text && clock.now() - last.at < REPEAT_MS
    const same = waiting.find((each) => each.text === text)
    const isMoreUrgent = same?.urgency === 'polite' && urgency === 'assertive'
    // Said a moment ago, or about to be said in its place.
    if (isRepeated || (same && !isMoreUrgent)) return
    waiting = [...waiting.filter((each) => each !== same), { text, urgency, key }]
    // Too much to be said: the oldest that can wait goes unsaid.
    if (waiting.length > MAX_WAITING) {
      const surplus = waiting.find((each) => each.urgency === 'polite') ?? waiting[0]
      waiting = waiting.filter((each) => each !== surplus)
    }
    const sinceLastMs = last ? clock.now() - last.at : PACE_MS
    schedule(Math.max(0, PACE_MS - sinceLastMs))
  }

  return {
    announce,
    log: () => log,
    clear() {
      waiting = []
      log = []
      cancel?.()
      cancel = undefined
      show(SILENCE)
    },
    spoken: {
      get: () => now,
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    attach(region) {
      regions = [...regions, region]
      if (waiting.length > 0) schedule(0)
      return () => {
        regions = regions.filter((each) => each !== region)
      }
    },
    isSpeaker: (region) => regions[0] === region,
  }
}

/** The app's one announcer, which every component uses. */
export const appAnnouncer: Announcer = createAnnouncer()
