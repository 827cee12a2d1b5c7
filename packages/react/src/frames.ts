'use client'
// When components render what the server brings: the first message at once; what follows it before the page is painted,
// all together right before that. What this end does renders at once always, or a person's typing would lose its caret.

import type { Source } from '@tidings/client'
import { type Cancel, systemClock } from '@tidings/core'

/** A page that is covered by others may not be painted for long; then it renders after so many milliseconds. */
const LONGEST_FRAME_MS = 100

export class Frames {
  readonly #next: (run: () => void) => boolean
  readonly #waiting = new Set<() => void>()
  /** `open`: the message that is being told renders at once, all of it. */
  #phase: 'quiet' | 'open' | 'gathering' = 'quiet'

  /** `next` calls once before the next frame; false where there are no frames to wait for. */
  constructor(next: (run: () => void) => boolean) {
    this.#next = next
  }

  /** Calls `render` when the source has changed, at once or with the next frame. */
  follow(source: Source<unknown>, render: () => void): Cancel {
    const stop = source.subscribe((isHeard) => {
      if (!isHeard || this.#begin()) render()
      else this.#waiting.add(render)
    })
    return () => {
      stop()
      this.#waiting.delete(render)
    }
  }

  /** Whether what was heard renders at once. */
  #begin(): boolean {
    if (this.#phase === 'quiet' && this.#next(() => this.#end())) {
      this.#phase = 'open'
      systemClock.endOfTurn(() => {
        if (this.#phase === 'open') this.#phase = 'gathering'
      })
    }
    return this.#phase !== 'gathering'
  }

  #end(): void {
    const due = [...this.#waiting]
    // As long as more comes each time, each frame has one render.
    this.#phase = due.length > 0 && this.#next(() => this.#end()) ? 'gathering' : 'quiet'
    // One that renders may take others away.
    for (const render of due) if (this.#waiting.delete(render)) render()
  }
}

/** What the page may or may not have: tests of components have no use for frames, and other platforms have none. */
interface Platform {
  readonly requestAnimationFrame?: (run: () => void) => number
  readonly cancelAnimationFrame?: (id: number) => void
  readonly document?: { readonly visibilityState: string }
  readonly IS_REACT_ACT_ENVIRONMENT?: boolean
}

function nextFrame(run: () => void): boolean {
  const page = globalThis as Platform
  const isShown = page.document?.visibilityState !== 'hidden'
  if (!page.requestAnimationFrame || !isShown || page.IS_REACT_ACT_ENVIRONMENT) return false
  const over = () => {
    cancelTimer()
    page.cancelAnimationFrame?.(frame)
    run()
  }
  const cancelTimer = systemClock.setTimer(LONGEST_FRAME_MS, over)
  const frame = page.requestAnimationFrame(over)
  return true
}

export const pageFrames = new Frames(nextFrame)
