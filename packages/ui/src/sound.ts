'use client'
// A short chime by Web Audio, made of two soft tones: nothing is loaded. A browser plays nothing before the first click
// or key of a visit; until then the sound is `locked`, and what comes meanwhile stays silent instead of piling up.

import type { Cancel } from '@tidings/core'
import { useSyncExternalStore } from 'react'

export type SoundState =
  /** The browser waits for the first click or key. */
  | 'locked'
  | 'ready'
  /** The person wants none, on this device. */
  | 'muted'
  /** There is no Web Audio here. */
  | 'unsupported'

export interface Sound {
  readonly get: () => SoundState
  readonly subscribe: (listener: () => void) => Cancel
  /** Plays, if it may; says whether it did. Never rejects, never throws. */
  readonly play: (kind?: SoundKind) => boolean
  /** Call it in a click or key handler, as a button "Play it" does. Resolves when the browser has made up its mind. */
  readonly unlock: () => Promise<void>
  readonly setMuted: (isMuted: boolean) => void
  /** Unlocks with the first click or key anywhere on the page. */
  readonly unlockOnGesture: (page?: EventTarget) => Cancel
}

export type SoundKind = 'notice' | 'success' | 'alert'

/** Hertz: two tones, the second a little later. */
const tones: Readonly<Record<SoundKind, readonly [number, number]>> = {
  notice: [659.26, 880],
  success: [587.33, 880],
  alert: [440, 349.23],
}
const TONE_S = 0.32
const STEP_S = 0.11
const VOLUME = 0.12
const GESTURES = ['pointerdown', 'keydown'] as const

export interface SoundOptions {
  readonly isMuted?: boolean | undefined
  /** Where the context comes from. Default: the platform's, if it has one. */
  readonly context?: (() => AudioContext | undefined) | undefined
}

const platformContext = () =>
  typeof AudioContext === 'undefined' ? undefined : new AudioContext({ latencyHint: 'interactive' })

/**
 * Make it once, outside of every component.
 *
 * @example
 * export const sound = createSound()
 * sound.unlockOnGesture()
 */
export function createSound({ isMuted = false, context: open = platformContext }: SoundOptions = {}): Sound {
  let context: AudioContext | undefined
  let hasFailed = false
  let state: SoundState = isMuted ? 'muted' : 'locked'
  let wantsNone = isMuted
  const listeners = new Set<() => void>()

  function look(): void {
    const isRunning = context?.state === 'running'
    const next = hasFailed ? 'unsupported' : wantsNone ? 'muted' : isRunning ? 'ready' : 'locked'
    if (next === state) return
    state = next
    for (const listener of [...listeners]) listener()
  }

  async function unlock(): Promise<void> {
    try {
      if (!context) {
        context = open()
        hasFailed = context === undefined
        context?.addEventListener('statechange', look)
      }
      if (context?.state === 'suspended') await context.resume()
    } catch {
      // Not allowed yet: the next gesture tries again.
    }
    look()
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    play(kind = 'notice') {
      if (state !== 'ready' || !context) return false
      const [first, second] = tones[kind]
      tone(context, first, context.currentTime)
      tone(context, second, context.currentTime + STEP_S)
      return true
    },
    unlock,
    setMuted(next) {
      wantsNone = next
      look()
    },
    unlockOnGesture(page = globalThis.document) {
      const stop = () => {
        for (const gesture of GESTURES) page.removeEventListener(gesture, onGesture)
      }
      const onGesture = () => {
        void unlock().then(() => {
          if (context?.state === 'running' || hasFailed) stop()
        })
      }
      for (const gesture of GESTURES) page.addEventListener(gesture, onGesture, { passive: true })
      return stop
    },
  }
}

/** The state of a sound, in a component. On the server it is locked. */
export function useSoundState(sound: Sound): SoundState {
  return useSyncExternalStore(sound.subscribe, sound.get, () => 'locked')
}

/** One tone that swells and fades, so that it does not click. */
function tone(context: AudioContext, frequency: number, at: number): void {
  const oscillator = context.createOscillator()
  const gain = context.createGain()
  oscillator.frequency.value = frequency
  gain.gain.setValueAtTime(0, at)
  gain.gain.linearRampToValueAtTime(VOLUME, at + 0.015)
  gain.gain.exponentialRampToValueAtTime(0.0001, at + TONE_S)
  oscillator.connect(gain).connect(context.destination)
  oscillator.start(at)
  oscillator.stop(at + TONE_S)
}
