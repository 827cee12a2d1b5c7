// The way of a write into the log: checked against the contract, turned into JSON once, appended, answered.

import {
  type AnyDefinition,
  type ChannelRef,
  type Clock,
  type Position,
  TidingsError,
  validateOrThrow,
} from '@tidings/core'
import type { AppendIdentity, AppendOutcome, Broker, Draft, KeepRule } from './broker.ts'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'

export interface PublishedEvent {
  readonly type: string
  readonly data: unknown
}

export interface PublishContent {
  readonly events: readonly PublishedEvent[]
  readonly identity?: AppendIdentity | undefined
  /** Public name of the producer. */
  readonly by?: string | undefined
}

export interface PublishRequest extends PublishContent {
  readonly channel: string
}

export interface PublishReceipt {
  /** Of the last entry. */
  readonly position: Position
  readonly firstOffset: number
  readonly count: number
  readonly isDuplicate: boolean
}

type InLog = Extract<AppendOutcome, { readonly position: Position }>
type Refusal = Exclude<AppendOutcome, InLog>

const isInLog = (outcome: AppendOutcome): outcome is InLog => 'position' in outcome

/** The broker refused the write for what it knows of its producer or key. */
export class AppendRefused extends TidingsError {
  readonly outcome: Refusal

  constructor(channel: string, outcome: Refusal) {
    super(REFUSAL_CODES[outcome.outcome], REFUSAL_MESSAGES[outcome.outcome], { channel })
    this.outcome = outcome
  }
}

const REFUSAL_CODES = {
  conflict: 'conflict',
  fenced: 'fenced',
  gap: 'sequence-gap',
  skipped: 'sequence-skipped',
} as const
const REFUSAL_MESSAGES = {
  conflict: 'This idempotency key was used before, with another body.',
  fenced: 'A newer epoch of this producer writes to the channel.',
  gap: 'Writes of this producer that come before this one have not arrived.',
  skipped: 'A later write of this producer was accepted, and this one never was.',
}

export interface PublishingOptions {
  readonly broker: Broker
  readonly clock: Clock
  readonly limits: Limits
  readonly observe: Observe
  /** A channel with a state has grown past another `snapshotEvery` entries. */
  readonly onSnapshotDue: (channel: string) => void
}

export class Publishing {
  readonly #options: PublishingOptions
  #waiting = 0

  constructor(options: PublishingOptions) {
    this.#options = options
  }

  /**
   * The receipt, once the log has all of it: at once where the log need not wait. Throws or rejects with what was wrong;
   * then the log has nothing of it.
   */
  publish(ref: ChannelRef, request: PublishContent): PublishReceipt | Promise<PublishReceipt> {
    const { broker, clock, limits } = this.#options
    const { events, identity, by } = request
    const drafts =
      events.length === 1
        ? [toDraft(ref, events[0] as PublishedEvent, '')]
        : events.map((event, i) => toDraft(ref, event, `[${i}].`))
    if (this.#waiting >= limits.waitingAppends) {
      throw new TidingsError('unavailable', 'More writes wait for the log than this node takes on.', {
        channel: ref.name,
      })
    }
    const startedAt = clock.monotonic()
    const keep = keepRule(ref.definition)
    const outcome = broker.append({ channel: ref.name, drafts, identity, by, keep })
    if ('outcome' in outcome) return this.#receiptOf(ref, drafts, outcome, startedAt)
    this.#waiting++
    return outcome
      .finally(() => this.#waiting--)
      .then((appended) => this.#receiptOf(ref, drafts, appended, startedAt))
  }

  #receiptOf(
    ref: ChannelRef,
    { length: count }: readonly Draft[],
    appended: AppendOutcome,
    startedAt: number,
  ): PublishReceipt {
    if (!isInLog(appended)) throw new AppendRefused(ref.name, appended)
    const { position, firstOffset } = appended
    const { clock, observe } = this.#options
    const isDuplicate = appended.outcome === 'duplicate'
    const tookMs = clock.monotonic() - startedAt
    observe({ name: 'appended', channel: ref.name, entries: count, isDuplicate, tookMs })
    if (!isDuplicate && ref.definition.state) this.#noteGrowth(ref.name, firstOffset, position.offset)
    return { position, firstOffset, count, isDuplicate }
  }

  #noteGrowth(channel: string, first: number, last: number): void {
    const { limits, onSnapshotDue } = this.#options
    const before = Math.floor((first - 1) / limits.snapshotEvery)
    if (Math.floor(last / limits.snapshotEvery) > before) onSnapshotDue(channel)
  }
}

export function unknownChannel(name: string): TidingsError {
  return new TidingsError('unknown-channel', `The contract has no channel "${name.slice(0, 80)}".`, {
    field: 'channel',
  })
}

/** Throws when the contract does not know the event, or its schema refuses the data. */
function toDraft(ref: ChannelRef, { type, data }: PublishedEvent, prefix: string): Draft {
  const schema = Object.hasOwn(ref.definition.events, type) ? ref.definition.events[type] : undefined
  if (!schema) {
    const known = Object.keys(ref.definition.events).join(', ')
    throw new TidingsError(
      'unknown-event',
      `The channel ${ref.name} has no event "${type.slice(0, 80)}"; it has ${known}.`,
      {
        field: `${prefix}type`,
        channel: ref.name,
      },
    )
  }
  validateOrThrow(schema, data, { root: `${prefix}data`, code: 'invalid-data', channel: ref.name })
  const json = JSON.stringify(data)
  // A schema may let through what JSON has no word for: undefined, a function, a symbol.
  if (json === undefined) {
    throw new TidingsError('invalid-data', `${prefix}data: JSON cannot hold it.`, {
      field: `${prefix}data`,
      channel: ref.name,
    })
  }
  return { event: type, data: json }
}

function keepRule({ retention, state }: AnyDefinition): KeepRule {
  return { entries: retention.entries, ageMs: retention.ageMs, sinceSnapshot: state !== undefined }
}
