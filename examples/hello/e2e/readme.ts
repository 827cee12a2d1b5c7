// `npm run readme`: copies the files that README shows into its blocks `ts file=<path>`. A test holds them together.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFences } from '../../../scripts/fences.ts'
import { root } from './site.ts'

const readme = join(root, 'README.md')
const lines = readFileSync(readme, 'utf8').split('\n')
// From the last block to the first, so that the places of those before it stay.
for (const { info, line, end } of readFences(lines.join('\n')).reverse()) {
  if (info.file === undefined) continue
  lines.splice(line, end - line - 1, readFileSync(join(root, info.file), 'utf8').trimEnd())
}
writeFileSync(readme, lines.join('\n'))
