// Asks the browser to keep this page for when there is no network.

/** First the page, its data and its connection; then this. */
const CALM_MS = 1_000

/** `path` is the page's: what stands below it is kept with it. */
export function keepOffline(path: string): void {
  // Browsers have none where the connection is not secure, and people may forbid it.
  if (!('serviceWorker' in navigator)) return
  const keep = async () => {
    const { serviceWorker } = navigator
    try {
      // Another page's worker may stand above this path.
      const known = await serviceWorker.getRegistration()
      const registration = await serviceWorker.register('/sw.js', { scope: path })
      if (known?.scope === registration.scope) return
      const worker = registration.installing ?? registration.waiting ?? registration.active
      const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
      worker?.postMessage([...new Set(loaded)])
    } catch (error) {
      console.warn(`This page will not open without a network: ${error}`)
    }
  }
  const later = () => setTimeout(keep, CALM_MS)
  if (document.readyState === 'complete') later()
  else window.addEventListener('load', later, { once: true })
}
