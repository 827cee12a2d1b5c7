// Files that are gone when the process is.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder: string | undefined

export function temporaryFile(name: string): string {
  if (folder === undefined) {
    const made = (folder = mkdtempSync(join(tmpdir(), 'tidings-bench-')))
    process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  }
  return join(folder, name)
}
