'use client'
// Words that depend on the moment and the time zone in which they are rendered: the name of a day, an hour, how long ago.
// A server has its own; the page takes its words over without a complaint, and then replaces them by those that are true
// there. The other key is what replaces them: React leaves text that it was told not to compare as the server wrote it.

import type { ComponentProps } from 'react'
import { useIsHydrated } from './use-is-hydrated.ts'

interface MomentWordsProps
  extends Pick<ComponentProps<'time'>, 'className' | 'title' | 'dateTime' | 'children'> {
  readonly as: 'p' | 'span' | 'time'
}

export function MomentWords({ as: Element, ...props }: MomentWordsProps) {
  const isHydrated = useIsHydrated()
  return <Element key={isHydrated ? 'page' : 'server'} {...props} suppressHydrationWarning />
}
