// Small things that this browser keeps: who learns here, the theme, what was read. All tabs see the same.

import { useSyncExternalStore } from 'react'

export interface Kept<T> {
  get(): T
  set(value: T): void
  subscribe(listener: () => void): () => void
}

/** `parse` is given what was stored, which may be anything. */
export function kept<T>(name: string, parse: (stored: unknown) => T): Kept<T> {
  const key = `biology-academy.${name}`
  const listeners = new Set<() => void>()
  const read = (): T => {
    try {
      return parse(JSON.parse(localStorage.getItem(key) ?? 'null'))
    } catch {
      return parse(null)
    }
  }
  let value = read()
  window.addEventListener('storage', (event) => {
    if (event.key !== key) return
    value = read()
    for (const listener of listeners) listener()
  })
  return {
    get: () => value,
    set(next) {
      value = next
      try {
        localStorage.setItem(key, JSON.stringify(next))
      } catch {
        // A browser that stores nothing: it lasts as long as the page.
      }
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export function useKept<T>(store: Kept<T>): readonly [T, (value: T) => void] {
  return [useSyncExternalStore(store.subscribe, store.get), store.set]
}

// ── What is kept ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Learner {
  readonly userId: string
  readonly userName: string
}

const LONGEST_NAME = 80

export const learnerStore = kept<Learner>('learner', (stored) => {
  const { userId, userName } = (stored ?? {}) as Partial<Record<keyof Learner, unknown>>
  return {
    userId: typeof userId === 'string' && /^[\w-]{1,80}$/.test(userId) ? userId : newUserId(),
    userName: typeof userName === 'string' ? userName.slice(0, LONGEST_NAME) : '',
  }
})

// Who comes for the first time stays the same in every tab, and after a reload.
learnerStore.set(learnerStore.get())

function newUserId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  return `learner-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

export type Theme = 'system' | 'light' | 'dark'

export const themeStore = kept<Theme>('theme', (stored) =>
  stored === 'light' || stored === 'dark' ? stored : 'system',
)

/** What the learner studies with others, if anything. */
export const topicStore = kept<string | undefined>('topic', (stored) =>
  typeof stored === 'string' ? stored : undefined,
)

const MOST_READ = 1_000

export const readStore = kept<readonly string[]>('read', (stored) =>
  Array.isArray(stored) ? stored.filter((id) => typeof id === 'string').slice(-MOST_READ) : [],
)

export function markRead(ids: readonly string[], isRead: boolean): void {
  const others = readStore.get().filter((id) => !ids.includes(id))
  readStore.set(isRead ? [...others, ...ids].slice(-MOST_READ) : others)
}
