// The way of a write into the log: checked against the contract, turned into JSON once, appended, answered.

import {
  type AnyDefinition,
  type ChannelRef,
  type Clock,
  type Contract,
  type Position,
  TidingsError,
  validateOrThrow,
} from '@tidings/core'
import type { AppendIdentity, AppendOutcome, Broker, Draft, KeepRule } from './broker.ts'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'

export interface PublishRequest {
  readonly channel: string
  readonly events: readonly { readonly type: string; readonly data: unknown }[]
  readonly identity?: AppendIdentity | undefined
  /** Public name of the producer. */
  readonly by?: string | undefined
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
  readonly contract: Contract
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

  /** Resolves when the log has all of it. Rejects with what was wrong; then the log has nothing of it. */
  async publish(request: PublishRequest): Promise<PublishReceipt> {
    const ref = this.#options.contract.resolve(request.channel)
    if (!ref) throw unknownChannel(request.channel)
    const isSingle = request.events.length === 1
    const drafts = request.events.map(({ type, data }, i) =>
      toDraft(ref, type, data, isSingle ? '' : `[${i}].`),
    )
    return this.#append(ref, drafts, request)
  }

  async #append(
    ref: ChannelRef,
    drafts: readonly Draft[],
    { identity, by }: PublishRequest,
  ): Promise<PublishReceipt> {
    const { broker, clock, limits, observe } = this.#options
    if (this.#waiting >= limits.waitingAppends) {
      throw new TidingsError('unavailable', 'More writes wait for the log than this node takes on.', {
        channel: ref.name,
      })
    }
    const startedAt = clock.monotonic()
    this.#waiting++
    try {
      const appended = await broker.append({
        channel: ref.name,
        drafts,
        identity,
        by,
        keep: keepRule(ref.definition),
      })
      if (!isInLog(appended)) throw new AppendRefused(ref.name, appended)
      const isDuplicate = appended.outcome === 'duplicate'
      observe({
        name: 'appended',
        channel: ref.name,
        entries: drafts.length,
        isDuplicate,
        tookMs: clock.monotonic() - startedAt,
      })
      if (!isDuplicate && ref.definition.state)
        this.#noteGrowth(ref.name, appended.firstOffset, appended.position.offset)
      return {
        position: appended.position,
        firstOffset: appended.firstOffset,
        count: drafts.length,
        isDuplicate,
      }
    } finally {
      this.#waiting--
    }
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
function toDraft(ref: ChannelRef, type: string, data: unknown, prefix: string): Draft {
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
