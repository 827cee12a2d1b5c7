// The programs for developers as a terminal runs them, with a command line that is wrong.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const programs = [
  ['npm run sim', 'packages/testing/src/simulation/run.ts'],
  ['npm run chaos', 'packages/testing/src/chaos/run.ts'],
  ['npm run bench', 'bench/run.ts'],
  ['npm run size', 'scripts/size.ts'],
] as const

interface Ended {
  readonly code: unknown
  readonly stdout: string
  readonly stderr: string
}

function run(path: string, ...args: string[]): Promise<Ended> {
  const file = fileURLToPath(new URL(`../../../${path}`, import.meta.url))
  return new Promise((resolve) =>
    execFile(process.execPath, ['--conditions=@tidings/source', file, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    ),
  )
}

describe.each(programs)('%s', (command, path) => {
  it('names an option that there is not, and where the others are, in one sentence', async () => {
    expect(await run(path, '--sedes', '3')).toEqual({
      code: 2,
      stdout: '',
      stderr: `Unknown option '--sedes'; "${command} -- --help" lists what there is.\n`,
    })
  })

  it('has a help that begins with the command', async () => {
    const { code, stdout } = await run(path, '--help')
    expect(code).toBe(0)
    expect(stdout.startsWith(command)).toBe(true)
  })
})

it('an argument or a value that does not belong there is one sentence, too', async () => {
  const sim = 'packages/testing/src/simulation/run.ts'
  const hint = '; "npm run sim -- --help" lists what there is.\n'
  expect((await run(sim, '42')).stderr).toBe(`Unexpected argument '42'${hint}`)
  expect((await run(sim, '--seeds')).stderr).toBe(`Option '--seeds <value>' argument missing${hint}`)
})

it('the first seed that finds a bug is told without counts of what was not counted', async () => {
  const { code, stdout } = await run('packages/testing/src/simulation/run.ts', '--bug', 'ack-before-append')
  expect(code).toBe(1)
  expect(stdout).not.toContain('seeds a second')
})
