// The chaos at a small size: that it finds nothing in the shipped code, and that it would.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { runChaos } from '../../src/chaos/chaos.ts'
import { planFaults } from '../../src/chaos/fault-plan.ts'
import { faults } from '../../src/chaos/faults.ts'
import type { Tamper } from '../../src/chaos/proxy.ts'

/** A run ends within a minute of its last fault, whatever the machine is busy with. */
const MOST_MS = 90_000

/** Temporary files of this process go to a folder of its own. */
function ownTmpdir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-'))
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

test('real processes, seven seconds of faults: nothing lost, doubled, reordered or silently wrong, and nothing left', {
  timeout: MOST_MS,
}, async () => {
  const folder = ownTmpdir()
  const outcome = await runChaos({ seed: 7, lastsMs: 7_000, clients: 3 })
  expect(outcome.violations, outcome.timeline.join('\n')).toEqual([])
  // Where nothing happens nothing is proven.
  expect(outcome.faults).toBeGreaterThan(2)
  expect(outcome.events).toBeGreaterThan(50)
  expect(readdirSync(folder)).toEqual([])
})

describe('the checker sees', () => {
  test('a server that acknowledges what it forgets to append', { timeout: MOST_MS }, async () => {
    const serverProgram = fileURLToPath(new URL('./hasty-server.ts', import.meta.url))
    const { violations } = await runChaos({ seed: 1, lastsMs: 1_500, clients: 2, serverProgram })
    expect(violations.map(({ harm }) => harm)).toContain('lost')
    expect(violations.find(({ harm }) => harm === 'lost')?.message).toMatch(/was acknowledged and is not in/)
  })

  test('a proxy that changes an entry on its way', { timeout: MOST_MS }, async () => {
    // The last digit of a number: of the same length, so that the frame stays whole.
    const tamper: Tamper = (direction, piece) =>
      direction === 'up'
        ? piece
        : Buffer.from(
            piece
              .toString('latin1')
              .replace(/("data":\{"n":\d+)(\d)/, (_, head, digit) => `${head}${9 - Number(digit)}`),
            'latin1',
          )
    const { violations } = await runChaos({
      ...{ seed: 2, lastsMs: 1_500, clients: 2 },
      tamper: (client) => (client === 1 ? tamper : undefined),
    })
    expect(violations.some(({ rule, message }) => rule === 'A2' && message.startsWith('client 2'))).toBe(true)
    expect(violations.some(({ message }) => message.startsWith('client 1'))).toBe(false)
  })
})

test('the same seed plans the same faults, another one others, and every kind occurs', () => {
  const shape = { clients: 5, ways: 7 }
  expect(planFaults(1, 120_000, shape)).toEqual(planFaults(1, 120_000, shape))
  expect(planFaults(1, 120_000, shape)).not.toEqual(planFaults(2, 120_000, shape))
  const kinds = new Set(planFaults(1, 120_000, shape).steps.map(({ fault }) => fault))
  expect([...kinds].sort()).toEqual(Object.keys(faults).sort())
})
