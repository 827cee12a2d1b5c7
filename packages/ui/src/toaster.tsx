'use client'
// Messages that come and go at the edge of the page, on top of sonner, which stacks, swipes and times them. What they
// say goes to screen readers through the app's announcer: the region of the toasts itself is silent, so nothing is said
// twice. What has an action, or went wrong, stays until somebody closes it.

import { systemClock } from '@tidings/core'
import { type ReactNode, useMemo, useState } from 'react'
import { Toaster as Stack, toast as stack } from 'sonner'
import { appAnnouncer } from './announcements.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'
import { type ToasterLabels, toasterLabels } from './labels.ts'
import { SettingsContext, useLabels, useSettings } from './settings.ts'
import { iconOf, type Variant } from './variant.ts'

export interface ToastAction {
  readonly label: string
  readonly onPress: () => void
}

export interface ToastOptions {
  /** Default: `default`. */
  readonly variant?: Variant | undefined
  readonly description?: string | undefined
  readonly action?: ToastAction | undefined
  /** In place of the variant's own mark. */
  readonly icon?: ReactNode
  /** A toast with the id of one that is shown takes its place; the same event twice is one toast. */
  readonly id?: string | undefined
  /**
   * Until it closes by itself; it waits while it is hovered or has the focus, and while the page is hidden. Default: 5 s
   * and a little for every word above ten; without end for errors and for what has an action.
   */
  readonly durationMs?: number | undefined
  /** Not told to screen readers: for what another place says already. */
  readonly isSilent?: boolean | undefined
}

export interface ToasterProps {
  /** Default: at the bottom, where lines end. On a phone always across the width. */
  readonly position?: 'top' | 'bottom' | undefined
  /** How many are shown at a time; the others wait behind them. Default: 3. */
  readonly max?: number | undefined
  /** Shows them side by side instead of stacked. */
  readonly isExpanded?: boolean | undefined
  /** Keys that move the focus to the toasts. Default: Alt+T. */
  readonly hotkey?: readonly string[] | undefined
  readonly labels?: Partial<ToasterLabels> | undefined
  /** Reading direction. Default: the document's, and toasts at the right; `rtl` brings them to the left. */
  readonly dir?: 'ltr' | 'rtl' | 'auto' | undefined
}

const READ_MS = 5_000
const WORD_MS = 300
const WORDS_FREE = 10
/** What stands and waits at most. Beyond it the oldest go, those first that would go by themselves. */
const MAX_STANDING = 20

/** What an app has at the edge of a phone, such as its navigation, stays free: it sets `--td-toaster-lift` to its height. */
const phoneOffset = {
  top: 12,
  left: 12,
  right: 12,
  bottom: 'calc(12px + var(--td-toaster-lift, 0px))',
}

/** Put it into the page once. */
export function Toaster({
  position = 'bottom',
  max = 3,
  isExpanded = false,
  hotkey,
  labels,
  dir = 'auto',
}: ToasterProps) {
  const words = useLabels('toaster', toasterLabels, labels)
  const settings = useSettings()
  // Toasts are rendered in here: they read the words that the toaster was given.
  const inside = useMemo(
    () => ({ ...settings, labels: { ...settings.labels, toaster: words } }),
    [settings, words],
  )
  return (
    <SettingsContext value={inside}>
      <Stack
        ref={silence}
        position={`${position}-${dir === 'rtl' ? 'left' : 'right'}`}
        visibleToasts={max}
        expand={isExpanded}
        {...(hotkey && { hotkey: [...hotkey] })}
        dir={dir}
        gap={8}
        offset={16}
        mobileOffset={phoneOffset}
        containerAriaLabel={words.region}
        className="td-toaster"
        toastOptions={{ unstyled: true }}
      />
    </SettingsContext>
  )
}

/** The announcer speaks for the toasts. */
function silence(region: HTMLElement | null): void {
  region?.setAttribute('aria-live', 'off')
}

/**
 * Shows a toast and returns its id.
 *
 * @example
 * toast('Offer from Nordlys Energi', {
 *   variant: 'success',
 *   description: 'Application “Grid analyst”',
 *   action: { label: 'View', onPress: () => navigate('/applications/7') },
 * })
 */
export function toast(title: string, options: ToastOptions = {}): string | number {
  const { variant = 'default', description, action, id, isSilent } = options
  const durationMs = options.durationMs ?? defaultDurationMs(title, options)
  const shown = id ?? `toast-${++made}`
  // A thousand in one turn cost what twenty do: they are put up together, and only those that may stand.
  if (coming.size === 0) systemClock.endOfTurn(putUp)
  coming.delete(shown)
  coming.set(shown, { title, options, durationMs })
  if (!isSilent) {
    const text = [title, description, action?.label].filter(Boolean).join('. ')
    appAnnouncer.announce(text, {
      urgency: variant === 'error' ? 'assertive' : 'polite',
      key: id === undefined ? undefined : `toast ${id}`,
    })
  }
  return shown
}

interface Message {
  readonly title: string
  readonly options: ToastOptions
  readonly durationMs: number
}

let made = 0
/** What this turn brings, the newest at the end. */
const coming = new Map<string, Message>()

function putUp(): void {
  const all = [...coming]
  coming.clear()
  for (const [id, message] of withoutSurplus(all, ([, { durationMs }]) => durationMs)) put(message, id)
  const standing = stack.getToasts()
  const left = new Set(withoutSurplus(standing, durationOf))
  for (const each of standing) if (!left.has(each)) stack.dismiss(each.id)
}

const durationOf = (standing: ReturnType<typeof stack.getToasts>[number]) =>
  'duration' in standing ? (standing.duration ?? 0) : 0

/** Without the oldest, if there are too many; what stays until it is closed goes last. */
function withoutSurplus<T>(oldestFirst: readonly T[], durationOf: (each: T) => number): readonly T[] {
  const surplus = oldestFirst.length - MAX_STANDING
  if (surplus <= 0) return oldestFirst
  const passing = oldestFirst.filter((each) => Number.isFinite(durationOf(each)))
  const lasting = oldestFirst.filter((each) => !Number.isFinite(durationOf(each)))
  const gone = new Set([...passing, ...lasting].slice(0, surplus))
  return oldestFirst.filter((each) => !gone.has(each))
}

/** While somebody is in it with the keyboard, a toast stays; then its time begins anew. */
function put(message: Message, id?: string | number, isHeld = false): string | number {
  return stack.custom(
    (given) => (
      <Toast
        message={message}
        onClose={() => stack.dismiss(given)}
        onHold={(held) => put(message, given, held)}
      />
    ),
    {
      duration: isHeld ? Number.POSITIVE_INFINITY : message.durationMs,
      ...(id !== undefined && { id }),
    },
  )
}

/** Takes a toast away, or all of them. */
export function dismissToast(id?: string | number): void {
  if (id === undefined) coming.clear()
  else coming.delete(String(id))
  stack.dismiss(id)
}

function defaultDurationMs(title: string, { variant, description, action }: ToastOptions): number {
  if (variant === 'error' || action) return Number.POSITIVE_INFINITY
  const words = `${title} ${description ?? ''}`.trim().split(/\s+/).length
  return READ_MS + Math.max(0, words - WORDS_FREE) * WORD_MS
}

interface ToastProps {
  readonly message: Message
  readonly onClose: () => void
  readonly onHold: (isHeld: boolean) => void
}

function Toast({ message: { title, options, durationMs }, onClose, onHold }: ToastProps) {
  const { variant = 'default', description, action, icon } = options
  const words = useLabels('toaster', toasterLabels, undefined)
  const [isHeld, setIsHeld] = useState(false)
  const hold = (held: boolean) => {
    if (held === isHeld || !Number.isFinite(durationMs)) return
    setIsHeld(held)
    onHold(held)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: notices only whether the focus is somewhere inside
    <div
      className="td-toast"
      data-variant={variant}
      onFocus={() => hold(true)}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) hold(false)
      }}
    >
      <span className="td-toast-icon">{icon ?? <Icon name={iconOf[variant]} />}</span>
      <div className="td-toast-words">
        <p className="td-toast-title">{title}</p>
        {description !== undefined && <p className="td-toast-description">{description}</p>}
        {action && (
          <div className="td-toast-action">
            <Button
              onClick={() => {
                action.onPress()
                onClose()
              }}
            >
              {action.label}
            </Button>
          </div>
        )}
      </div>
      <Button kind="quiet" isIcon className="td-toast-close" aria-label={words.close} onClick={onClose}>
        <Icon name="close" />
      </Button>
    </div>
  )
}
