// What `npm test` does once everything is installed. Every step runs, whatever became of the others, and the last line
// counts: each test of Vitest is one, and so is each check.

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureChromium } from './chromium.ts'
import { root } from './packages.ts'

interface Result {
  readonly passed: number
  readonly failed: number
  /** Shown under the step's line; of steps that went well, only where it is worth reading. */
  readonly output?: string
}

const STILL_RUNNING_MS = 15_000

const reports = join(root, 'node_modules', '.cache', 'test-reports')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

const total = { passed: 0, failed: 0 }

// Two at a time. The browser tests come after the others: they kill servers and wait for what comes back.
const chromium = step('chromium', findChromium)
await Promise.all([
  inTurn(
    () => step('types', checkTypes),
    () => step('lint', () => check('biome', ['check', '.', '--colors=off'])),
    () => step('lockfile', () => check('node', ['scripts/check-lockfile.ts'])),
    () => step('spec', () => check('node', ['scripts/check-spec.ts'])),
    () => step('layers', () => check('node', ['scripts/check-layers.ts'])),
    () => step('packages', () => check('node', ['scripts/check-packages.ts'])),
    () => step('size', () => check('node', ['scripts/size.ts'])),
  ),
  step('unit tests', () => vitest('unit')),
])
if ((await chromium).failed === 0) await step('browser tests', () => vitest('browser'))

console.log(`tests: ${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed > 0 ? 1 : 0)

async function step(name: string, run: () => Promise<Result>): Promise<Result> {
  const began = performance.now()
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`
  const reminder = setInterval(() => console.log(`  … ${name}, ${seconds()}`), STILL_RUNNING_MS)
  const result = await run()
  clearInterval(reminder)
  total.passed += result.passed
  total.failed += result.failed
  const counts = result.failed > 0 ? `${result.failed} failed, ` : ''
  console.log(`${result.failed > 0 ? '✗' : '✓'} ${name}: ${counts}${result.passed} passed, ${seconds()}`)
  if (result.output) console.log(result.output.replace(/^/gm, '    '))
  return result
}

async function inTurn(...steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const each of steps) await each()
}

/** Finding a browser is no test of Tidings; not finding one is a failure of the tests that need it. */
async function findChromium(): Promise<Result> {
  try {
    process.env.CHROMIUM_PATH = await ensureChromium()
    return { passed: 0, failed: 0 }
  } catch (error) {
    return { passed: 0, failed: 1, output: error instanceof Error ? error.message : String(error) }
  }
}

async function check(command: string, args: readonly string[]): Promise<Result> {
  const { code, output } = await run(command, args)
  return code === 0
    ? { passed: 1, failed: 0 }
    : { passed: 0, failed: 1, output: output || `ended with ${code}` }
}

/** One run of the compiler, two checks: what must compile does, and what must not (`*.misuse.ts`) does not. */
async function checkTypes(): Promise<Result> {
  const { code, output } = await run('tsc', ['-b', '--pretty', 'false'])
  if (code === 0) return { passed: 2, failed: 0 }
  const errors = output.split('\n').filter((line) => /error TS/.test(line))
  const misuse = errors.filter((line) => /\.misuse\.tsx?\(/.test(line))
  const failed = Number(misuse.length > 0) + Number(errors.length > misuse.length || errors.length === 0)
  return { passed: 2 - failed, failed, output }
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { status: string }[]
  }[]
}

async function vitest(project: string): Promise<Result> {
  const file = join(reports, `${project}.json`)
  const { code, output } = await run('vitest', [
    ...['run', '--project', project, '--passWithNoTests'],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
  ])
  const report = readReport(file)
  if (!report) return { passed: 0, failed: 1, output }
  // A file that does not even load has no failed test to be counted by.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  )
  const failed = report.numFailedTests + broken.length
  if (code === 0 && failed === 0) return { passed: report.numPassedTests, failed }
  // An error outside of any test (an unhandled rejection, say) fails the run as well.
  return { passed: report.numPassedTests, failed: Math.max(failed, 1), output }
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function run(command: string, args: readonly string[]): Promise<{ code: number | string; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: error.message, output }))
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 1, output: output.trim() }))
  })
}
