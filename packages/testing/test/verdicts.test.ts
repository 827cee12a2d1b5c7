// The table of verdicts: where a reader was, what happened since, and what it is told when it comes back. Through the
// public door, over both logs: each row on its own server, on a free port.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatPosition, type ServerFrame } from '@tidings/core'
import type { Broker } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { sqliteBroker } from '@tidings/server/sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Raw } from './hostile/raw.ts'
import { Target, type TargetOptions } from './hostile/target.ts'
import { range } from './hostile/until.ts'

type Subscribed = Extract<ServerFrame, { readonly type: 'subscribed' }>

/** A log that outlives its servers. */
abstract class Log {
  target!: Target
  readonly #options: TargetOptions
  /** The node does not hear of what it appends: as if it were killed before it tells anybody. */
  isDeaf = false

  constructor(options: TargetOptions) {
    this.#options = options
  }

  abstract open(): Promise<Broker>
  /** Its history is gone. */
  abstract lose(): Promise<void>
  /** A place of which another history is the truth now, and one after the end of this history. */
  abstract fork(channel: string): Promise<string>
  abstract overtake(channel: string): Promise<string>

  async start(): Promise<void> {
    const broker = await this.open()
    this.target = await Target.start({
      ...this.#options,
      broker: {
        append: (request) => broker.append(request),
        read: (channel, after, limits) => broker.read(channel, after, limits),
        head: (channel) => broker.head(channel),
        attach: (channel, listener) =>
          broker.attach(channel, (...news) => {
            if (!this.isDeaf) listener(...news)
          }),
        problem: () => broker.problem(),
        close: () => this.closed(broker),
        snapshots: broker.snapshots,
      },
    })
  }

  closed(broker: Broker): Promise<void> {
    return broker.close()
  }

  async restart(): Promise<void> {
    await this.target.stop()
    await this.start()
  }

  async head(channel: string): Promise<string> {
    return (await this.target.read(channel, 'after=now&limit=0')).position
  }

  async add(channel: string, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.target.post(channel, { type: 'added', data: { n: 1 } })
  }

  /** A reader that has come back, and is live or refused. */
  async reader(channel: string, after: string, more: { readonly state?: number } = {}): Promise<Raw> {
    const raw = await this.target.welcomed({ subscribe: [{ id: 1, channel, after, ...more }] })
    await raw.when(() => raw.of('live').length + raw.of('error').length > 0, 'the end of a catch-up')
    return raw
  }
}

class LogInMemory extends Log {
  #broker = memoryBroker()

  async open(): Promise<Broker> {
    return this.#broker
  }

  override async closed(): Promise<void> {}

  async lose(): Promise<void> {
    this.#broker = memoryBroker()
    await this.restart()
  }

  async fork(channel: string): Promise<string> {
    await this.target.fill(channel, 10)
    const [epoch] = (await this.head(channel)).split(':')
    return `${epoch}:8:forged`
  }

  async overtake(channel: string): Promise<string> {
    await this.target.fill(channel, 5)
    const [epoch] = (await this.head(channel)).split(':')
    return `${epoch}:8:forged`
  }
}

class LogOnDisk extends Log {
  readonly #file: string

  constructor(options: TargetOptions) {
    super(options)
    const folder = mkdtempSync(join(tmpdir(), 'tidings-verdicts-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    this.#file = join(folder, 'log.db')
  }

  open(): Promise<Broker> {
    return sqliteBroker({ file: this.#file })
  }

  async lose(): Promise<void> {
    await this.target.stop()
    rmSync(this.#file)
    await this.start()
  }

  /** A backup is put back, and others write on from there. */
  async fork(channel: string): Promise<string> {
    const position = await this.overtake(channel)
    await this.target.fill(channel, 5)
    return position
  }

  async overtake(channel: string): Promise<string> {
    await this.target.fill(channel, 5)
    await this.target.stop()
    copyFileSync(this.#file, `${this.#file}.backup`)
    await this.start()
    await this.target.fill(channel, 3)
    const position = await this.head(channel)
    await this.target.stop()
    copyFileSync(`${this.#file}.backup`, this.#file)
    await this.start()
    return position
  }
}

interface Row {
  readonly title: string
  readonly channel: string
  readonly state?: number
  /** Where the reader was; what happened since has happened when this resolves. */
  readonly since: (log: Log) => Promise<string>
  readonly told: Partial<Subscribed>
  /** Offsets that follow. */
  readonly gets: readonly number[]
}

const NOTE = 'note/lobby'
const BRIEF = 'brief/lobby'
const TALLY = 'tally/lobby'

const table: readonly Row[] = [
  {
    title: '[SB5] no event ever: resumed',
    channel: NOTE,
    since: (log) => log.head(NOTE),
    told: { verdict: 'resumed', behind: 0 },
    gets: [],
  },
  {
    title: '[SB5] quiet for long, and the node knows nothing of it any more: resumed',
    channel: NOTE,
    since: async (log) => {
      await log.target.fill(NOTE, 3)
      const position = await log.head(NOTE)
      await log.restart()
      return position
    },
    told: { verdict: 'resumed', behind: 0 },
    gets: [],
  },
  {
    title: '[SB3] away for some entries: resumed, and these follow',
    channel: NOTE,
    since: async (log) => {
      await log.target.fill(NOTE, 3)
      const position = await log.head(NOTE)
      await log.target.fill(NOTE, 4)
      return position
    },
    told: { verdict: 'resumed', behind: 4 },
    gets: [4, 5, 6, 7],
  },
  {
    title: '[SB5] trimmed but current: resumed',
    channel: BRIEF,
    since: async (log) => {
      await log.target.fill(BRIEF, 300)
      return log.head(BRIEF)
    },
    told: { verdict: 'resumed', behind: 0 },
    gets: [],
  },
  {
    title: '[SB4] trimmed past: reset, and the head is where it goes on',
    channel: BRIEF,
    since: async (log) => {
      await log.target.fill(BRIEF, 1)
      const position = await log.head(BRIEF)
      await log.target.fill(BRIEF, 300)
      return position
    },
    told: { verdict: 'reset', reason: 'trimmed', behind: 0 },
    gets: [],
  },
  {
    title: '[SB4] [BR9] epoch lost: reset',
    channel: NOTE,
    since: async (log) => {
      await log.target.fill(NOTE, 3)
      const position = await log.head(NOTE)
      await log.lose()
      await log.target.fill(NOTE, 5)
      return position
    },
    told: { verdict: 'reset', reason: 'epoch', behind: 0 },
    gets: [],
  },
  {
    title: '[SB4] fork: reset, although the log is longer than what was seen',
    channel: NOTE,
    since: (log) => log.fork(NOTE),
    told: { verdict: 'reset', reason: 'fork', behind: 0 },
    gets: [],
  },
  {
    title: '[SB4] ahead: reset',
    channel: NOTE,
    since: (log) => log.overtake(NOTE),
    told: { verdict: 'reset', reason: 'ahead', behind: 0 },
    gets: [],
  },
]

const logs: Readonly<Record<string, (options: TargetOptions) => Log>> = {
  memory: (options) => new LogInMemory(options),
  SQLite: (options) => new LogOnDisk(options),
}

describe.each(Object.keys(logs))('on %s', (kind) => {
  async function begin(options: TargetOptions = {}): Promise<Log> {
    const log = (logs[kind] as (options: TargetOptions) => Log)(options)
    await log.start()
    return log
  }

  it.each(table)('$title', async ({ channel, since, told, gets }) => {
    const log = await begin()
    const after = await since(log)
    const raw = await log.reader(channel, after)
    expect(raw.of('subscribed')[0]).toMatchObject(told)
    expect(raw.of('subscribed')[0]?.position).toBe(
      told.verdict === 'resumed' ? after : await log.head(channel),
    )
    expect(raw.offsets(channel)).toEqual(gets)
    // And from here on it hears what happens.
    const before = Number((await log.head(channel)).split(':')[1])
    await log.target.fill(channel, 1)
    await raw.when(() => raw.offsets(channel).length > gets.length, 'the next entry')
    expect(raw.offsets(channel)).toEqual([...gets, before + 1])
  })

  it('[SB4] [SB2] a snapshot instead of trimmed history: reset, and the state with what follows it', async () => {
    const log = await begin({ limits: { snapshotEvery: 16 } })
    await log.add(TALLY, 1)
    const position = await log.head(TALLY)
    await log.add(TALLY, 200)
    const raw = await log.reader(TALLY, position, { state: 2 })
    const [subscribed] = raw.of('subscribed')
    expect(subscribed).toMatchObject({ verdict: 'reset', reason: 'trimmed', snapshot: { version: 2 } })
    const from = Number(subscribed?.position.split(':')[1])
    expect(subscribed?.snapshot).toMatchObject({ state: { sum: from }, position: subscribed?.position })
    expect(raw.offsets(TALLY)).toEqual(range(from + 1, 201))
  })

  /** Reads some of a long history and is gone in the middle of it; says what it saw, and where it stood. */
  async function readPart(log: Log, after: string): Promise<{ seen: number[]; position: string }> {
    const raw = await log.target.welcomed({ subscribe: [{ id: 1, channel: NOTE, after }] })
    await raw.heard('entries')
    raw.socket.destroy()
    await raw.ended
    const { epoch, entries } = raw.of('entries').at(-1) as Extract<ServerFrame, { type: 'entries' }>
    const { offset, tag } = entries.at(-1) as { offset: number; tag: string }
    expect(raw.of('live')).toEqual([])
    return { seen: raw.offsets(NOTE), position: formatPosition({ epoch, offset, tag }) }
  }
  const LONG = { text: 'x'.repeat(2_000), entries: 3_000 }

  it('[SB3] a second drop while catching up, and a third: resumed each time, nothing missing and nothing twice', async () => {
    const log = await begin()
    await log.target.fill(NOTE, LONG.entries, LONG.text)
    const first = await readPart(log, 'start')
    const second = await readPart(log, first.position)
    const last = await log.reader(NOTE, second.position)
    expect(last.of('subscribed')[0]).toMatchObject({ verdict: 'resumed', position: second.position })
    expect([...first.seen, ...second.seen, ...last.offsets(NOTE)]).toEqual(range(1, LONG.entries))
  })

  it('[SB3] a restart in the middle of a page: resumed, nothing missing and nothing twice', async () => {
    const log = await begin()
    await log.target.fill(NOTE, LONG.entries, LONG.text)
    const first = await readPart(log, 'start')
    await log.restart()
    const last = await log.reader(NOTE, first.position)
    expect(last.of('subscribed')[0]).toMatchObject({ verdict: 'resumed', position: first.position })
    expect([...first.seen, ...last.offsets(NOTE)]).toEqual(range(1, LONG.entries))
  })

  it('[SB3] reconnect at once, while others write: resumed, nothing missing and nothing twice', async () => {
    const log = await begin()
    let position = await log.head(NOTE)
    const seen: number[] = []
    const writing = log.target.fill(NOTE, 1_000)
    for (let round = 0; round < 20; round++) {
      const raw = await log.reader(NOTE, position)
      expect(raw.of('subscribed')[0]).toMatchObject({ verdict: 'resumed', position })
      raw.socket.destroy()
      await raw.ended
      seen.push(...raw.offsets(NOTE))
      const last = raw.of('entries').at(-1)
      const entry = last?.entries.at(-1)
      if (last && entry)
        position = formatPosition({ epoch: last.epoch, offset: entry.offset, tag: entry.tag })
    }
    await writing
    seen.push(...(await log.reader(NOTE, position)).offsets(NOTE))
    expect(seen).toEqual(range(1, 1_000))
  })

  it('[AU3] rights lost meanwhile: refused, and not told where the channel stands', async () => {
    let isAllowed = true
    const log = await begin({ authorize: ({ action }) => action !== 'subscribe' || isAllowed })
    await log.target.fill(NOTE, 3)
    const position = (await log.reader(NOTE, 'now')).of('subscribed')[0]?.position as string
    isAllowed = false
    await log.target.fill(NOTE, 3)
    const raw = await log.reader(NOTE, position)
    expect(raw.of('error')[0]).toMatchObject({ id: 1, code: 'forbidden' })
    expect(raw.of('subscribed')).toEqual([])
    expect(raw.offsets(NOTE)).toEqual([])
  })

  it('[row 33] [BR1] a node that ended after it had written, and before it told anybody: resumed, with what was not told', async () => {
    const log = await begin()
    const raw = await log.reader(NOTE, 'now')
    const position = raw.of('subscribed')[0]?.position as string
    log.isDeaf = true
    await log.target.fill(NOTE, 2)
    expect(raw.offsets(NOTE)).toEqual([])
    log.isDeaf = false
    await log.restart()
    const again = await log.reader(NOTE, position)
    expect(again.of('subscribed')[0]).toMatchObject({ verdict: 'resumed', position, behind: 2 })
    expect(again.offsets(NOTE)).toEqual([1, 2])
  })
})
