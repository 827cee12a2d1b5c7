// Holds what everybody was told against the log as it stands in the end. The rules are those of the simulation: every
// entry once and in order between resets, every accepted write there once and in its producer's order, every state the
// fold of a history that was.

import { formatPosition, type Position, parsePosition } from '@tidings/core'
import type { StoredEntry } from '@tidings/server'
import { emptyChain } from '../simulation/contract.ts'
import { isPastOf, Ledger, type Recorded } from '../simulation/ledger.ts'
import { isTrueReason } from '../simulation/reading.ts'
import type { Complain } from '../simulation/violation.ts'
import type { Life } from './client-process.ts'
import type { Note } from './notes.ts'
import type { Posted } from './publisher.ts'

export interface ChannelLog {
  readonly channel: string
  readonly epoch: string
  readonly entries: readonly StoredEntry[]
}

export interface Evidence {
  readonly logs: readonly ChannelLog[]
  readonly lives: readonly Life[]
  readonly backends: readonly { readonly name: string; readonly posted: readonly Posted[] }[]
}

type Kind<K extends Note['kind']> = Extract<Note, { readonly kind: K }>

/** More than this was missed: the server need not replay it. */
const REPLAY_ENTRIES = 100_000
const NOWHERE: Position = { epoch: '', offset: 0, tag: '' }

/** What the log says; complains about whatever disagrees with it. */
export function check({ logs, lives, backends }: Evidence, complain: Complain): Ledger {
  const ledger = new Ledger(complain)
  for (const { channel, epoch, entries } of logs)
    ledger.appended({ channel, after: { epoch, offset: 0, tag: '' }, entries })
  for (const life of lives) {
    checkReading(life, ledger, complain)
    checkStates(life, ledger, complain)
    checkWrites(life, ledger, complain)
  }
  for (const { name, posted } of backends) checkBackend(name, posted, ledger, complain)
  return ledger
}

/** [A1] [A2] [A9] */
function checkReading({ name, notes }: Life, ledger: Ledger, complain: Complain): void {
  const places = new Map<string, Position>()
  for (const note of notes) {
    if (note.kind !== 'fresh' && note.kind !== 'reset' && note.kind !== 'told') continue
    const { channel } = note
    const at = places.get(channel)
    const position = parsePosition(note.position) ?? NOWHERE
    const who = `${name}, ${channel}:`
    places.set(channel, position)
    if (note.kind === 'fresh') {
      if (at)
        complain('silent', 'A1', `${who} had got to ${formatPosition(at)} and began anew without a reset`)
    } else if (note.kind === 'reset') {
      const isTrue =
        !at ||
        isTrueReason(
          note.reason as Parameters<typeof isTrueReason>[0],
          { at, to: position },
          {
            ledger,
            channel,
            replayEntries: REPLAY_ENTRIES,
          },
        )
      if (!isTrue)
        complain(
          'silent',
          'A9',
          `${who} was reset at ${formatPosition(at)} for "${note.reason}", which is not true`,
        )
    } else {
      const recorded = ledger.at(channel, position)
      if (!recorded?.entry) complain('silent', 'A2', `${who} was given ${note.position}, which no log has`)
      else if (recorded.n !== note.n)
        complain(
          'silent',
          'A2',
          `${who} was given ${note.n} at ${note.position}, where the log has ${recorded.n}`,
        )
      else if (!at) complain('silent', 'A1', `${who} was given ${note.position} before any verdict`)
      else checkNext(recorded, at, { ledger, complain, who })
    }
  }
}

function checkNext(
  recorded: Recorded,
  at: Position,
  { ledger, complain, who }: { readonly ledger: Ledger; readonly complain: Complain; readonly who: string },
): void {
  const { position, previous, channel } = recorded
  if (previous && formatPosition(previous.position) === formatPosition(at)) return
  const sentence = `${who} was given ${formatPosition(position)} after ${formatPosition(at)}`
  if (position.epoch !== at.epoch) return complain('silent', 'A1', sentence)
  if (position.offset > at.offset + 1) return complain('lost', 'A1', sentence)
  const last = ledger.at(channel, at)
  const isSeen = last !== undefined && isPastOf(recorded, last)
  complain(isSeen ? 'doubled' : 'reordered', 'A1', sentence)
}

/** [Q1] Every state that was shown is that of a history, with the pending writes on top, each once. */
function checkStates({ name, notes }: Life, ledger: Ledger, complain: Complain): void {
  for (const note of notes) {
    if (note.kind !== 'shown') continue
    const { channel, count, chain, pending } = note
    const who = `${name}, ${channel}:`
    const histories = ledger.withState(channel, { count, chain })
    if (histories.length === 0 && !(count === 0 && chain === emptyChain.chain))
      complain('silent', 'Q1', `${who} showed a state of ${count} entries that no history has`)
    for (const [i, n] of pending.entries()) {
      if (n <= (pending[i - 1] ?? -1))
        complain('reordered', 'Q1', `${who} showed the pending write ${n} after ${pending[i - 1]}`)
      if (ledger.copies(channel, n).some((copy) => histories.some((history) => isPastOf(copy, history))))
        complain('doubled', 'Q1', `${who} showed the write ${n} as pending beside itself`)
    }
  }
}

/** [Q2] [Q3] [A4] Every write has its fate. That it is in the log once, in order, the ledger has seen to. */
function checkWrites({ name, notes, isDurable, wasKilled }: Life, ledger: Ledger, complain: Complain): void {
  const isThere = ({ channel, n }: { readonly channel: string; readonly n: number }) =>
    ledger.copies(channel, n).length > 0
  const refused = new Set<number>()
  const stored = new Map<number, Kind<'stored'>>()
  const written = new Map<number, Kind<'wrote'>>()
  for (const note of notes) {
    if (note.kind === 'wrote') written.set(note.n, note)
    if (note.kind === 'stored') stored.set(note.n, note)
    if (note.kind === 'accepted') {
      const at = ledger.at(note.channel, parsePosition(note.position) ?? NOWHERE)
      if (!isThere(note))
        complain('lost', 'Q3', `${name}: ${note.n} was acknowledged and is not in ${note.channel}`)
      else if (at?.n !== note.n)
        complain('silent', 'A4', `${name}: ${note.n} was acknowledged at ${note.position}, where it is not`)
    }
    if (note.kind === 'refused') {
      refused.add(note.n)
      complain(
        'silent',
        'Q2',
        `${name}: ${note.n} was refused with ${note.code}, for which there was no reason`,
      )
    }
  }
  // What was only in the memory of a killed process may be gone.
  for (const [n, note] of wasKilled ? stored : written) {
    if (refused.has(n) || isThere(note)) continue
    const what = isDurable && wasKilled ? 'was stored in the outbox' : 'was written'
    complain('lost', 'Q3', `${name}: ${n} ${what} and is not in ${note.channel}`)
  }
}

function checkBackend(name: string, posted: readonly Posted[], ledger: Ledger, complain: Complain): void {
  const last = new Map<string, number>()
  for (const { n, channel, position } of posted) {
    const there = ledger.copies(channel, n)[0]
    if (there) {
      const { offset } = there.position
      if (offset <= (last.get(channel) ?? 0))
        complain('reordered', 'A5', `${name}: ${n} is in ${channel} before the one that came before it`)
      last.set(channel, offset)
    }
    if (position === undefined) continue
    if (!there) complain('lost', 'Q3', `${name}: ${n} was acknowledged and is not in ${channel}`)
    else if (formatPosition(there.position) !== position)
      complain('silent', 'A4', `${name}: ${n} was acknowledged at ${position} and is elsewhere`)
  }
}
