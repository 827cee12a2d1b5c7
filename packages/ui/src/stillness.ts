// Whether things may move. The device's wish counts, and is asked each time, so that it may change; `data-motion` on the
// element or around it overrides it, as an app's own setting.

export function isStill(element: Element): boolean {
  const own = element.closest('[data-motion]')?.getAttribute('data-motion')
  if (own === 'reduced') return true
  if (own === 'full') return false
  return globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false
}
