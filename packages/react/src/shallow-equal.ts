'use client'
// Equality for selectors that gather several values in a new object or list.

/**
 * Whether both are the same value, or lists or plain objects whose items are.
 *
 * @example
 * const { total, best } = useChannelState(board({ id }), pickTotals, shallowEqual) ?? {}
 */
export function shallowEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        Object.is((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  )
}
