// Light or dark: the device decides until the person does.

import { useEffect, useSyncExternalStore } from 'react'
import { stored } from './stored.ts'

export type Theme = 'light' | 'dark'

const wish = stored<Theme | undefined>('theme', (value) =>
  value === 'light' || value === 'dark' ? value : undefined,
)

const device = () => window.matchMedia('(prefers-color-scheme: dark)')
const subscribeToDevice = (listener: () => void) => {
  const query = device()
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

export function useTheme(): readonly [theme: Theme, toggle: () => void] {
  const wanted = useSyncExternalStore(wish.subscribe, wish.get)
  const isDeviceDark = useSyncExternalStore(subscribeToDevice, () => device().matches)
  useEffect(() => {
    if (wanted) document.documentElement.dataset.theme = wanted
  }, [wanted])
  const theme = wanted ?? (isDeviceDark ? 'dark' : 'light')
  return [theme, () => wish.set(theme === 'dark' ? 'light' : 'dark')]
}
