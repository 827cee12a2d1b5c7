'use client'
// What all components share: the reader's locale, the clock and the words. Everything has a default, so a component
// works without a provider.

import { type Clock, systemClock } from '@tidings/core'
import { createContext, useContext, useMemo } from 'react'
import type { LabelSets } from './labels.ts'

export type LabelOverrides = { readonly [Name in keyof LabelSets]?: Partial<LabelSets[Name]> | undefined }

export interface Settings {
  /** A BCP 47 tag. Undefined: the browser's own. */
  readonly locale: string | undefined
  readonly clock: Clock
  readonly labels: LabelOverrides
}

export const SettingsContext = createContext<Settings>({ locale: undefined, clock: systemClock, labels: {} })

export const useSettings = (): Settings => useContext(SettingsContext)

/** A component's words: English, then what the provider says, then what the component itself was given. */
export function useLabels<Name extends keyof LabelSets>(
  name: Name,
  english: LabelSets[Name],
  own: Partial<LabelSets[Name]> | undefined,
): LabelSets[Name] {
  const { labels } = useSettings()
  const given = labels[name]
  return useMemo(() => ({ ...english, ...given, ...own }), [english, given, own])
}
