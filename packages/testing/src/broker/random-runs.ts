// Random runs of a broker beside the model: writers that come again, leave gaps and take over, retention that changes,
// readers at every kind of position, time, snapshots, restarts. A run that fails is shrunk and printed with its seed.

import type { Position } from '@tidings/core'
import type {
  AppendIdentity,
  AppendRequest,
  KeepRule,
  LogHead,
  ReadLimits,
  StoredEntry,
} from '@tidings/server'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { type BrokerSubject, LogUnderTest, wholeLog } from './log-under-test.ts'
import { type Expected, LogModel } from './model.ts'

type Writer =
  | { readonly as: 'nobody' }
  | { readonly as: 'key'; readonly key: string; readonly digest: string }
  /** The producer's next number, or one further on. */
  | { readonly as: 'next'; readonly name: string; readonly skip: number; readonly epochsOn: number }
  | {
      readonly as: 'any'
      readonly name: string
      readonly epoch: number
      readonly sequence: number
      readonly back: number
    }

type Place =
  | { readonly at: 'start' }
  /** Part of the way from the beginning to the head. */
  | { readonly at: 'entry'; readonly part: number; readonly isForged: boolean }
  | { readonly at: 'ahead'; readonly by: number }
  | { readonly at: 'elsewhere'; readonly part: number }

interface Append {
  readonly writer: Writer
  readonly count: number
  readonly keep: KeepRule
}

type Step =
  /** Called one after the other, without waiting. */
  | { readonly do: 'append'; readonly appends: readonly Append[] }
  | { readonly do: 'read'; readonly from: Place; readonly limits: ReadLimits }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'snapshot'; readonly part: number }
  | { readonly do: 'reopen' }

const name = fc.constantFrom('p', 'q', '__proto__')
const few = fc.integer({ min: 0, max: 6 })
const part = fc.double({ min: 0, max: 1, noNaN: true })

const writer: fc.Arbitrary<Writer> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ as: 'nobody' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ as: fc.constant('key' as const), key: name, digest: fc.constantFrom('d', 'e') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      as: fc.constant('next' as const),
      name,
      skip: fc.constantFrom(0, 0, 0, 2),
      epochsOn: fc.constantFrom(0, 0, 0, 1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      as: fc.constant('any' as const),
      name,
      epoch: fc.integer({ min: 0, max: 3 }),
      sequence: few,
      back: few,
    }),
  },
)

const keep: fc.Arbitrary<KeepRule> = fc.record({
  entries: fc.constantFrom(0, 1, 10, 100, 1_000_000),
  ageMs: fc.constantFrom(undefined, undefined, 0, 1_000),
  sinceSnapshot: fc.boolean(),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      // A hundred entries make a channel due for trimming.
      appends: fc.array(fc.record({ writer, count: fc.constantFrom(1, 1, 2, 3, 100), keep }), {
        minLength: 1,
        maxLength: 5,
      }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      from: fc.oneof(
        { weight: 1, arbitrary: fc.constant({ at: 'start' } as const) },
        {
          weight: 6,
          arbitrary: fc.record({ at: fc.constant('entry' as const), part, isForged: fc.boolean() }),
        },
        {
          weight: 1,
          arbitrary: fc.record({ at: fc.constant('ahead' as const), by: fc.integer({ min: 1, max: 200 }) }),
        },
        { weight: 1, arbitrary: fc.record({ at: fc.constant('elsewhere' as const), part }) },
      ),
      limits: fc.record({
        maxEntries: fc.integer({ min: 0, max: 150 }),
        maxLength: fc.integer({ min: 1, max: 500 }),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 2_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const), part }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' } as const) },
)

const RUNS = 100

export function randomRuns(subject: BrokerSubject): void {
  it('[BR1] [BR4] [BR5] [BR6] [BR8] agrees with the model, whatever happens', {
    timeout: 120_000,
  }, async () => {
    const log = await LogUnderTest.at(subject)
    let run = 0
    try {
      // All runs share one log, each in a channel of its own: to open a log costs more than to run a hundred steps.
      const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
        new Run(log, subject, `run/${++run}`).follow(steps),
      )
      await fc.assert(property, { numRuns: RUNS })
    } finally {
      await log.remove()
    }
  })
}

class Run {
  readonly #log: LogUnderTest
  readonly #subject: BrokerSubject
  readonly #channel: string
  #model = new LogModel('')
  #oldestOffset = 1
  /** What the listener was told since the last look. */
  #told: StoredEntry[] = []

  constructor(log: LogUnderTest, subject: BrokerSubject, channel: string) {
    this.#log = log
    this.#subject = subject
    this.#channel = channel
  }

  async follow(steps: readonly Step[]): Promise<void> {
    await this.#begin()
    await this.#listen()
    for (const step of steps) {
      await this.#take(step)
      await this.#lookAtHead()
    }
    await this.#read('start', wholeLog)
  }

  async #begin(): Promise<void> {
    this.#model = new LogModel((await this.#log.broker.head(this.#channel)).position.epoch)
    this.#oldestOffset = 1
  }

  async #listen(): Promise<void> {
    await this.#log.broker.attach(this.#channel, (_, entries) => this.#told.push(...entries))
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case 'append':
        return this.#append(step.appends)
      case 'read':
        return this.#read(this.#positionAt(step.from), step.limits)
      case 'pass':
        return this.#log.pass(step.ms)
      case 'snapshot':
        return this.#save(Math.round(step.part * this.#model.entries.length))
      case 'reopen':
        await this.#log.reopen()
        if (!this.#subject.isDurable) await this.#begin()
        return this.#listen()
    }
  }

  async #append(appends: readonly Append[]): Promise<void> {
    const before = this.#model.entries.length
    const expected: Expected[] = []
    const calls = appends.map((append) => {
      const request = this.#requestOf(append)
      expected.push(this.#model.append(request, this.#log.now))
      return this.#log.broker.append(request)
    })
    const outcomes = await Promise.all(calls)
    this.#model.learnTags(this.#told)
    expect(this.#told).toEqual(this.#model.entries.slice(before))
    this.#told = []
    expect(outcomes).toEqual(expected.map((each) => this.#model.outcomeOf(each)))
  }

  async #read(after: Position | 'start', limits: ReadLimits): Promise<void> {
    const head = await this.#lookAtHead()
    expect(await this.#log.broker.read(this.#channel, after, limits)).toEqual(
      this.#model.read(after, limits, head),
    )
  }

  async #save(offset: number): Promise<void> {
    const snapshot = { version: 1, position: this.#model.position(offset), state: JSON.stringify({ offset }) }
    const { snapshots } = this.#log.broker
    await snapshots?.save(this.#channel, snapshot)
    if (offset >= (this.#model.snapshot?.position.offset ?? 0)) this.#model.snapshot = snapshot
    expect(await snapshots?.load(this.#channel)).toEqual(snapshots && this.#model.snapshot)
  }

  async #lookAtHead(): Promise<LogHead> {
    const head = await this.#log.broker.head(this.#channel)
    expect(this.#model.problemOf(head, this.#oldestOffset)).toBeUndefined()
    this.#oldestOffset = head.oldestOffset
    return head
  }

  #requestOf({ writer, count, keep }: Append): AppendRequest {
    const drafts = Array.from({ length: count }, (_, i) => ({
      event: 'said',
      data: JSON.stringify({ writer, i }),
    }))
    const identity = this.#identityOf(writer)
    return {
      channel: this.#channel,
      drafts,
      keep,
      identity,
      by: identity?.kind === 'producer' ? 'public' : undefined,
    }
  }

  #identityOf(writer: Writer): AppendIdentity | undefined {
    switch (writer.as) {
      case 'nobody':
        return undefined
      case 'key':
        return { kind: 'key', key: writer.key, digest: writer.digest }
      case 'next': {
        const previous = this.#model.lastOf(writer.name)
        const epoch = this.#model.epochOf(writer.name) + writer.epochsOn
        return {
          kind: 'producer',
          producer: writer.name,
          epoch,
          sequence: previous + 1 + writer.skip,
          previous,
        }
      }
      case 'any': {
        const { epoch, sequence, back } = writer
        return {
          kind: 'producer',
          producer: writer.name,
          epoch,
          sequence,
          previous: Math.max(-1, sequence - 1 - back),
        }
      }
    }
  }

  #positionAt(place: Place): Position | 'start' {
    const { length } = this.#model.entries
    switch (place.at) {
      case 'start':
        return 'start'
      case 'entry': {
        const position = this.#model.position(Math.round(place.part * length))
        return place.isForged && position.offset > 0 ? { ...position, tag: 'forged0' } : position
      }
      case 'ahead':
        return { ...this.#model.position(length), offset: length + place.by, tag: 'beyond0' }
      case 'elsewhere':
        return { ...this.#model.position(Math.round(place.part * length)), epoch: 'elsewhere0' }
    }
  }
}
