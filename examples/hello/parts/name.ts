// The name that a person goes by, remembered by the browser and shared by its tabs.

import { useSyncExternalStore } from 'react'

const KEY = 'hello.name'
const listeners = new Set<() => void>()
// Where storage is closed (a private window, a strict setting) the name holds until the page is left.
let unstored: string | undefined

function read(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? unstored
  } catch {
    return unstored
  }
}

function write(name: string | undefined): void {
  unstored = name
  try {
    if (name === undefined) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, name)
  } catch {
    // Kept in `unstored`.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

/** The name, undefined before the first visit's answer; setting undefined forgets it. */
export function useName(): readonly [name: string | undefined, setName: (name: string | undefined) => void] {
  return [useSyncExternalStore(subscribe, read, () => undefined), write]
}
