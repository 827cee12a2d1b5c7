// The three pages by their paths, without a reload between them; settings in the address stay in it.

import { type MouseEvent, useSyncExternalStore } from 'react'

export const HOME = '/career-copilot'

export type Route =
  | { readonly name: 'dashboard' }
  | { readonly name: 'jobs'; readonly job: string | undefined }
  | { readonly name: 'applications'; readonly application: string | undefined }

/** Where one of them stands in its list. */
export const applicationPath = (id: string) => `${HOME}/applications/${encodeURIComponent(id)}`
export const jobPath = (id: string) => `${HOME}/jobs/${encodeURIComponent(id)}`

export function routeOf(path: string): Route {
  const [, , page, segment] = path.split('/')
  const id = segment ? decodeURIComponent(segment) : undefined
  if (page === 'jobs') return { name: 'jobs', job: id }
  return page === 'applications' ? { name: 'applications', application: id } : { name: 'dashboard' }
}

const listeners = new Set<() => void>()
const tell = () => {
  for (const listener of [...listeners]) listener()
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener('popstate', tell)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) window.removeEventListener('popstate', tell)
  }
}

export const usePath = () => useSyncExternalStore(subscribe, () => window.location.pathname)

export const hrefOf = (path: string) => `${path}${window.location.search}`

export function navigate(path: string): void {
  if (path === window.location.pathname) return
  history.pushState(null, '', hrefOf(path))
  window.scrollTo({ top: 0 })
  tell()
}

/** For a link to a page of this app; with a key held, the browser opens it its own way. */
export function linkTo(path: string) {
  return {
    href: hrefOf(path),
    onClick: (event: MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
      event.preventDefault()
      navigate(path)
    },
  }
}
