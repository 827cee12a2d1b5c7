// What a command may touch of the world around it. The real one is made in bin.ts.

import type { Chance, Clock } from '@tidings/core'

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes one line for programs, to standard output; resolves when it has been taken. */
  readonly print: (line: string) => Promise<void>
  /** Writes one line for people, to standard error. */
  readonly note: (line: string) => void
  /** All of standard input, as text. */
  readonly readInput: () => Promise<string>
  /** Aborted when the person or the system asks the command to stop. */
  readonly stop: AbortSignal
  /** Told each key that is pressed from now on; absent where there is no keyboard. */
  readonly keys?: ((listener: (key: string) => void) => void) | undefined
  readonly clock: Clock
  readonly chance: Chance
}
