// What `npm start` does once everything is installed: builds the pages, then becomes the server of the examples.
// The server runs in this process, so that a signal reaches it directly and its exit code is the command's.

import { spawnSync } from 'node:child_process'

const began = performance.now()
process.stdout.write('Building the pages … ')
const build = spawnSync('npm', ['run', '--silent', 'build:pages'], { encoding: 'utf8' })
if (build.status !== 0) {
  console.error(`\n${build.error?.message ?? `${build.stdout}${build.stderr}`}`)
  console.error('Could not build the pages; the reason is above.')
  process.exit(1)
}
console.log(`${((performance.now() - began) / 1000).toFixed(1)} s`)

await import('../examples/site/server.ts')
