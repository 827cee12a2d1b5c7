// The door to effects that happen once: chooses the platform's ports.

import { type Clock, systemClock, type TidingsError } from '@tidings/core'
import { platformLifecycle } from '../lifecycle.ts'
import type { Lifecycle } from '../ports.ts'
import { reportToPlatform } from '../report.ts'
import { FORMAT } from './messages.ts'
import { type Happened, Once, type Origin } from './once.ts'
import { platformBrowser } from './platform.ts'
import type { Browser } from './ports.ts'
import type { SharedDial } from './shared-dial.ts'

export interface OncePerPersonOptions {
  /** As for `sharedDial`: where several people use one browser, something that tells them apart. Default ''. */
  readonly name?: string | undefined
  /** While no tab is visible, the one that has the connection comes first. */
  readonly dial?: SharedDial | undefined
  /** Which events it is for. Default `live` and `echo`: history has had its moment. Without `echo`, a write of a tab's own has no effect in the others either. */
  readonly origins?: readonly Origin[] | undefined
  /** Told when an effect has thrown. Default: `reportError`. */
  readonly onError?: ((error: TidingsError) => void) | undefined
  readonly browser?: Browser | undefined
  readonly clock?: Clock | undefined
  readonly lifecycle?: Lifecycle | undefined
}

/** Calls `effect` in one of the tabs that hear of the event. */
export type OncePerPerson = (event: Happened, effect: () => void) => void

/**
 * For what is meant for a person rather than a tab: makes a function that every tab calls and one of them carries out. It
 * is the focused one, else a visible one, else the one with the connection. What is done is remembered by the pages that
 * are open: an event that one of them hears of late or again does nothing more, nor does a write of its own that it reads
 * back after a sleep; only a tab that hung while it was done, without a word of the browser, and wakes when all who know
 * are asleep or gone, does it once more. So make the function when the page starts. `kind` tells the effects of one event
 * from one another. Where the browser has no locks or no broadcasts, each tab does it.
 *
 * @example
 * const toastOnce = oncePerPerson('toast')
 * badges.on('earned', ({ title }, event) => toastOnce(event, () => toast(`You earned “${title}”`)))
 */
export function oncePerPerson(
  kind: string,
  {
    name = '',
    dial,
    origins = ['live', 'echo'],
    onError: report = reportToPlatform,
    browser = platformBrowser,
    clock = systemClock,
    lifecycle = platformLifecycle,
  }: OncePerPersonOptions = {},
): OncePerPerson {
  const group = `tidings ${FORMAT} once ${JSON.stringify([name, kind])}`
  const isHolder = () => dial?.isHolder === true
  const once = new Once({ group, origins, browser, clock, lifecycle, isHolder, report })
  return (event, effect) => once.run(event, effect)
}
