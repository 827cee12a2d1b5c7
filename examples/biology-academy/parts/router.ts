// The pages of the site and how one gets from one to the other: ordinary links, followed without loading anew.

import { useEffect, useSyncExternalStore } from 'react'

export const BASE = '/biology-academy'

export const pages = {
  overview: { path: '', title: 'Overview' },
  metrics: { path: '/metrics', title: 'Metrics' },
  sessions: { path: '/sessions', title: 'Study sessions', short: 'Sessions' },
  notifications: { path: '/notifications', title: 'Notifications', short: 'News' },
  status: { path: '/status', title: 'System status', short: 'Status' },
} as const satisfies Record<
  string,
  { readonly path: string; readonly title: string; readonly short?: string }
>

export type PageName = keyof typeof pages

export const pageNames = Object.keys(pages) as readonly PageName[]

const listeners = new Set<() => void>()
const changed = () => {
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('popstate', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
  }
}

/** What the address says: path and query. */
export function useAddress(): URL {
  return new URL(useSyncExternalStore(subscribe, () => window.location.href))
}

export function pageAt({ pathname }: URL): PageName {
  const path = pathname.slice(BASE.length).replace(/\/$/, '')
  return pageNames.find((name) => pages[name].path === path) ?? 'overview'
}

/** To a page of the site; what the query says stays. */
export const addressOf = (name: PageName) => `${BASE}${pages[name].path}${window.location.search}`

export function navigate(address: string): void {
  const { pathname, search } = new URL(address, window.location.href)
  window.history.pushState(null, '', `${pathname}${search || window.location.search}`)
  changed()
}

/** Another value of the query, or none. */
export function setQuery(name: string, value: string | undefined): void {
  const url = new URL(window.location.href)
  if (value === undefined) url.searchParams.delete(name)
  else url.searchParams.set(name, value)
  window.history.replaceState(null, '', url)
  changed()
}

/** Follows links within the site without loading the page anew. */
export function useOwnLinks(): void {
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null
      if (!link || link.target || link.origin !== window.location.origin) return
      const isOwn = link.pathname === BASE || link.pathname.startsWith(`${BASE}/`)
      if (
        !isOwn ||
        event.defaultPrevented ||
        event.button !== 0 ||
        event.metaKey ||
        event.ctrlKey ||
        event.shiftKey
      )
        return
      event.preventDefault()
      navigate(link.href)
      window.scrollTo({ top: 0 })
    }
    document.addEventListener('click', follow)
    return () => document.removeEventListener('click', follow)
  }, [])
}
