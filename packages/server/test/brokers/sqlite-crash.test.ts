// The process dies, or its disk does, in the middle of appends: what was acknowledged is there afterwards, once (BR1, BR10).

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Broker } from '@tidings/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { append, dataOf, openLog, tempFile } from './temp-log.ts'

const channels = ['c0', 'c1', 'c2']

/** An appender in a process of its own, and what it has been told. */
class Appender {
  readonly #process: ChildProcess
  /** Offset by producer and number. */
  readonly acknowledged = new Map<string, number>()
  readonly refusals: string[] = []
  #onNews: (() => void) | undefined
  #hasEnded = false

  constructor(file: string, from: number, softLimitBlocks?: number) {
    const command = [
      process.execPath,
      '--conditions=@tidings/source',
      join(import.meta.dirname, 'appender.ts'),
      file,
      String(from),
    ]
    const shell = softLimitBlocks === undefined ? 'exec "$@"' : `ulimit -S -f ${softLimitBlocks}; exec "$@"`
    this.#process = spawn('/bin/sh', ['-c', shell, 'sh', ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void this.#process.kill('SIGKILL'))
    const lines = createInterface({ input: this.#process.stdout as NonNullable<ChildProcess['stdout']> })
    lines.on('line', (line) => this.#hear(line))
    this.#process.once('close', () => {
      this.#hasEnded = true
      this.#onNews?.()
    })
  }

  get pid(): number {
    return this.#process.pid as number
  }

  #hear(line: string): void {
    const [producer, sequence, offset, end] = line.split(' ')
    if (producer === 'refused') this.refusals.push(line)
    // The last line may be cut off by the kill.
    else if (end === 'ok') this.acknowledged.set(`${producer} ${sequence}`, Number(offset))
    this.#onNews?.()
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#hasEnded) throw new Error('the appender has ended by itself')
      await new Promise<void>((resolve) => {
        this.#onNews = resolve
      })
    }
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await once(this.#process, 'close')
  }
}

/** Which write each entry came from, by channel and offset. */
async function writesIn(broker: Broker): Promise<Map<string, string>> {
  const writes = new Map<string, string>()
  for (const channel of channels) {
    const data = (await dataOf(broker, channel)) as string[]
    for (const [i, text] of data.entries()) {
      const [producer, sequence] = text.split(' ')
      writes.set(`${channel}:${i + 1}`, `${producer} ${sequence}`)
    }
  }
  return writes
}

const placeOf = (write: string, offset: number) => `c${Number(write.split(' ')[1]) % 3}:${offset}`

async function expectAllThereOnce(broker: Broker, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  const writes = await writesIn(broker)
  expect(new Set(writes.values()).size).toBe(writes.size)
  for (const [write, offset] of acknowledged) expect(writes.get(placeOf(write, offset))).toBe(write)
}

describe('a process that is killed in the middle of appends', () => {
  it('[BR1] [BR2] has lost nothing that it acknowledged, and doubled nothing, three times over', async () => {
    const file = tempFile()
    const acknowledged = new Map<string, number>()
    for (let round = 0; round < 3; round++) {
      const appender = new Appender(file, round * 1_000_000)
      await appender.until(() => appender.acknowledged.size >= 300)
      await appender.kill()
      for (const [write, offset] of appender.acknowledged) acknowledged.set(write, offset)
      const broker = await openLog({ file })
      await expectAllThereOnce(broker, acknowledged)
      await broker.close()
    }
  })

  it('[row 32] [BR4] finds its own writes when it tries them again', async () => {
    const file = tempFile()
    const appender = new Appender(file, 0)
    await appender.until(() => appender.acknowledged.size >= 300)
    await appender.kill()
    // The same numbers from the beginning: what is there already is answered, the rest is appended.
    const again = new Appender(file, 0)
    await again.until(() => again.acknowledged.size >= 600)
    await again.kill()
    for (const [write, offset] of appender.acknowledged) {
      if (again.acknowledged.has(write)) expect(again.acknowledged.get(write)).toBe(offset)
    }
    await expectAllThereOnce(
      await openLog({ file }),
      new Map([...appender.acknowledged, ...again.acknowledged]),
    )
  })
})

describe('a disk without room', () => {
  it('[row 40] [BR10] refuses appends, keeps what was accepted, and says what is wrong', async () => {
    const file = tempFile()
    const broker = await openLog({ file, maxBytes: 400_000 })
    const text = 'x'.repeat(1_000)
    let accepted = 0
    let refused: unknown
    while (refused === undefined) {
      // Each round is one commit: all of it is refused, or none.
      const round = Array.from({ length: 20 }, (_, i) => append(broker, `${i} ${text}`))
      const failures = (await Promise.allSettled(round)).filter(({ status }) => status === 'rejected')
      expect([0, 20]).toContain(failures.length)
      if (failures.length === 0) accepted += 20
      else refused = (failures[0] as PromiseRejectedResult).reason
    }
    expect(accepted).toBeGreaterThan(0)
    const message = expect.stringMatching(/no room to grow: free space on its disk/)
    expect(refused).toMatchObject({ code: 'unavailable', message })
    expect(broker.problem()).toMatch(/no room to grow/)
    expect(await dataOf(broker)).toHaveLength(accepted)
    await broker.close()
    expect(statSync(file).size).toBeLessThanOrEqual(400_000)

    const roomier = await openLog({ file, maxBytes: 4_000_000 })
    expect(roomier.problem()).toBeUndefined()
    expect(await dataOf(roomier)).toHaveLength(accepted)
    expect(await append(roomier, 'more')).toMatchObject({ outcome: 'appended', firstOffset: accepted + 1 })
  })

  // The limit that a process may raise for another one is Linux's own.
  it.runIf(process.platform === 'linux')(
    '[row 40] [BR10] takes appends again when there is some, and the same process has lost and doubled nothing',
    async () => {
      const file = tempFile()
      // Blocks of 512 bytes, for any file that the process writes.
      const appender = new Appender(file, 0, 1_000)
      await appender.until(() => appender.refusals.length >= 20)
      const before = appender.acknowledged.size
      expect(before).toBeGreaterThan(0)
      expect(appender.refusals[0]).toMatch(/The disk failed while the log .* was read or written/)
      execFileSync('prlimit', [`--pid=${appender.pid}`, '--fsize=unlimited:'])
      await appender.until(() => appender.acknowledged.size >= before + 300)
      await appender.kill()
      await expectAllThereOnce(await openLog({ file }), appender.acknowledged)
    },
  )
})
