// Where a failure goes that nobody asked to be told of.

import type { TidingsError } from '@tidings/core'

/** As an uncaught error: seen by the page's own monitoring, and by whoever has the console open. */
export function reportToPlatform(error: TidingsError): void {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}
