// Toasts and sounds are for the person, not for each of the tabs: one of them does it.

import { oncePerPerson } from '@tidings/client/tabs'
import { type ToastOptions, toast } from '@tidings/ui/toaster'
import type { NotificationCategory } from '../contract.ts'
import { sound, wishesFor } from '../preferences.ts'

/** A toast closes by itself; what it said is in the list that it came from. */
export const TOAST_MS = 5_000

const once = oncePerPerson('career notice')

/** Tells the person, if they want to be told about such things now. History is not told: it is in the lists. */
export function tellOnce(
  event: Parameters<typeof once>[0],
  category: NotificationCategory,
  { title, ...options }: ToastOptions & { readonly title: string },
): void {
  once(event, () => {
    const wishes = wishesFor(category)
    if (wishes.toast) toast(title, { durationMs: TOAST_MS, ...options })
    if (wishes.sound) sound.play(options.variant === 'success' ? 'success' : 'notice')
  })
}
