// Hands the focus on when one form takes the place of another, so that a keyboard is never left in the middle of nowhere.

import { type RefObject, useEffect, useRef } from 'react'

/**
 * For the field of a form that has just appeared: focuses it when whatever had the focus is gone. Not on a page that
 * nobody has touched yet, where it would open a phone's keyboard.
 */
export function useFocus<E extends HTMLElement>(): RefObject<E | null> {
  const ref = useRef<E>(null)
  useEffect(() => {
    if (document.activeElement === document.body && navigator.userActivation.hasBeenActive)
      ref.current?.focus()
  }, [])
  return ref
}
