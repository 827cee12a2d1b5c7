// Authentication for applications whose visitors need no name.

import type { Authenticate } from './authority.ts'

/** Lets everybody in without a name. A token is refused: nothing here could tell whether it is a good one. */
export function anonymous(): Authenticate {
  return ({ token }) => (token === undefined ? {} : undefined)
}
