// `npm run check:lockfile`: a fresh clone begins with `npm ci`, which refuses a lockfile that disagrees with a manifest,
// or that lacks the binaries of some platform. And the lockfile names packages, not the place they were got from.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './packages.ts'

const problems: string[] = []

const args = ['ci', '--dry-run', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
const { status, stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' })
if (status !== 0) {
  const output = `${stdout}${stderr}`
  const missing = output.split('\n').filter((line) => /from lock file|does not satisfy/.test(line))
  problems.push('npm ci would refuse package-lock.json:', missing.length > 0 ? missing.join('\n') : output)
}

const places = readFileSync(join(root, 'package-lock.json'), 'utf8').match(/"resolved": "https?:.*"/g)
if (places) {
  problems.push(
    `package-lock.json names places (${places[0]} and ${places.length - 1} more): run npm install with this ` +
      "project's .npmrc",
  )
}

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
