// One reader that stops among two hundred that do not, over real sockets, the server in a process of its own: what the
// one costs, that the others do not notice, and that it gets everything once it reads again.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Follower } from './hostile/follower.ts'
import { range } from './hostile/until.ts'
import { Victim } from './hostile/victim.ts'

const CHANNEL = 'note/lobby'
const MEGABYTE = 1024 * 1024
/** Of the server's limits: a socket with more in its buffer is not pushed to. */
const HIGH_WATER = 262_144

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-slow-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'log.db')
}

describe.each([
  ['memory', () => ({})],
  ['SQLite', () => ({ file: file() })],
])('among 200 readers, with the log in %s', (_kind, log) => {
  it('[row 43] [SB7] one that stops costs 1 MB at most, the others get everything, and it gets everything in the end', {
    timeout: 180_000,
  }, async () => {
    const victim = await Victim.start({ limits: { heartbeatMs: 600_000 }, ...log() })
    const fast = range(1, 200).map(() => new Follower(victim.origin, CHANNEL))
    const slow = new Follower(victim.origin, CHANNEL)
    await Promise.all([...fast, slow].map((reader) => reader.when(() => reader.isLive)))
    let head = 0
    /** 3 MB; two of them are more than the kernel keeps for somebody who does not read. */
    const burst = async (readers: readonly Follower[]) => {
      const began = performance.now()
      for (let i = 0; i < 30; i++) await victim.publish(CHANNEL, Array<string>(4).fill('x'.repeat(25_000)))
      head += 120
      await Promise.all(readers.map((reader) => reader.reached(head)))
      return performance.now() - began
    }
    const without = await burst([...fast, slow])
    slow.webSocket.pause()
    const first = await burst(fast)
    const second = await burst(fast)
    // How much the kernel keeps for somebody who does not read, it decides anew each time.
    let held = await victim.memory()
    for (let more = 0; more < 8 && held.mostBuffered < HIGH_WATER; more++) {
      await burst(fast)
      held = await victim.memory()
    }
    expect(held.mostBuffered).toBeGreaterThan(0)
    expect(held.mostBuffered).toBeLessThan(MEGABYTE)
    expect(slow.offset).toBeLessThan(head)
    for (const reader of fast) expect(reader.timesBehind).toBe(0)
    // Far more than ever measured, and far less than waiting for the slow one would take.
    expect(Math.min(first, second)).toBeLessThan(3 * without + 2_000)

    slow.webSocket.resume()
    await slow.reached(head)
    await slow.when(() => slow.isLive)
    expect([slow.closed, slow.timesBehind]).toEqual([undefined, 1])
    const caughtUp = await victim.memory()
    expect(held.heapUsed + held.external - caughtUp.heapUsed - caughtUp.external).toBeLessThan(MEGABYTE)

    await victim.publish(CHANNEL, ['the last'])
    await Promise.all([...fast, slow].map((reader) => reader.reached(head + 1)))
  })
})
