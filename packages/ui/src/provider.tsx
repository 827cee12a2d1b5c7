'use client'
// Locale, words and clock for every component below. Optional: without it they speak English in the browser's locale.

import type { Clock } from '@tidings/core'
import { type ReactNode, useMemo } from 'react'
import { type LabelOverrides, SettingsContext, useSettings } from './settings.ts'

export type { LabelSets } from './labels.ts'
export type { LabelOverrides } from './settings.ts'

export interface UiProviderProps {
  /** A BCP 47 tag for numbers and times, such as `de-AT`. Default: the browser's own. */
  readonly locale?: string | undefined
  /** Words to replace, by set: `{ connection: { retryNow: 'Jetzt versuchen' } }`. */
  readonly labels?: LabelOverrides | undefined
  /** Where time comes from. Default: the system's. A test may pass a virtual one. */
  readonly clock?: Clock | undefined
  readonly children?: ReactNode
}

/**
 * @example
 * <UiProvider locale="de" labels={{ connection: { connected: 'Verbunden' } }}>
 *   <App />
 * </UiProvider>
 */
export function UiProvider({ locale, labels, clock, children }: UiProviderProps) {
  const outer = useSettings()
  const settings = useMemo(
    () => ({
      locale: locale ?? outer.locale,
      labels: labels ?? outer.labels,
      clock: clock ?? outer.clock,
    }),
    [locale, labels, clock, outer],
  )
  return <SettingsContext value={settings}>{children}</SettingsContext>
}
