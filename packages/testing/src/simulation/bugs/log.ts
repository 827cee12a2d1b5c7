// Bugs of a log, and of a node's way to it.

import { type Cancel, type Position, TidingsError } from '@tidings/core'
import type { AppendRequest, Broker, StoredSnapshot } from '@tidings/server'
import type { Bug } from '../seams.ts'
import { brokenBroker, once } from './tampering.ts'

const everything = { maxEntries: 100_000, maxLength: 1e9 }

export const logBugs: readonly Bug[] = [
  {
    name: 'ack-before-append',
    what: 'a write is acknowledged while it is still on its way into the log',
    plant: () =>
      brokenBroker((broker) => ({
        append: async (request) => {
          const { position } = await broker.head(request.channel)
          Promise.resolve(broker.append(request)).catch(() => {})
          const guess = { ...position, offset: position.offset + request.drafts.length, tag: 'guessed' }
          return { outcome: 'appended', firstOffset: position.offset + 1, position: guess }
        },
      })),
  },
  {
    name: 'lose-an-append',
    what: 'once in a while a write is acknowledged at the head, and not appended',
    plant: () => {
      const isDue = once(25)
      return brokenBroker((broker) => ({
        append: async (request) => {
          const { position } = await broker.head(request.channel)
          if (!isDue() || position.offset === 0) return broker.append(request)
          return { outcome: 'appended', firstOffset: position.offset, position }
        },
      }))
    },
  },
  {
    name: 'forget-one-dedup-record',
    what: 'a write that is sent a second time is not recognised',
    plant: () => {
      const seen = new Set<string>()
      return brokenBroker((broker) => ({
        append: (request) => {
          const name = nameOf(request)
          if (!seen.has(name)) {
            seen.add(name)
            return broker.append(request)
          }
          return broker.append({ ...request, identity: undefined, by: undefined })
        },
      }))
    },
  },
  {
    name: 'forget-which-write-was-which',
    what: 'a duplicate is answered with the head, not with the place of the first one',
    plant: () =>
      brokenBroker((broker) => ({
        append: async (request) => {
          const outcome = await broker.append(request)
          if (outcome.outcome !== 'duplicate') return outcome
          return { ...outcome, position: (await broker.head(request.channel)).position }
        },
      })),
  },
  {
    name: 'let-gaps-pass',
    what: 'a write is accepted although one before it has not arrived',
    plant: () => {
      // A log that cannot be reached for a moment is no bug; it leaves the gaps.
      const isDue = once(10)
      return brokenBroker((broker) => ({
        append: async (request) => {
          const { identity } = request
          if (identity?.kind !== 'producer') return broker.append(request)
          if (isDue()) throw new TidingsError('unavailable', 'The log cannot be reached.')
          return broker.append({ ...request, identity: { ...identity, previous: -1 } })
        },
      }))
    },
  },
  {
    name: 'trust-a-wrong-tag',
    what: 'a reader with another entry at its offset is taken for one of this history',
    plant: () =>
      brokenBroker((broker) => ({
        read: async (channel, after, limits) => {
          const found = await broker.read(channel, after, limits)
          if (found.outcome === 'page' || found.reason !== 'fork' || after === 'start') return found
          return broker.read(channel, await placeAt(broker, channel, after.offset), limits)
        },
      })),
  },
  {
    name: 'let-the-future-pass',
    what: 'a reader that is ahead of the log is taken for one at its head',
    plant: () =>
      brokenBroker((broker) => ({
        read: async (channel, after, limits) => {
          const found = await broker.read(channel, after, limits)
          if (found.outcome === 'page' || found.reason !== 'ahead' || after === 'start') return found
          return {
            outcome: 'page',
            epoch: after.epoch,
            entries: [],
            head: { ...found.head, position: after },
          }
        },
      })),
  },
  {
    name: 'off-by-one-at-the-trim-boundary',
    what: 'a reader at the oldest entry that is kept is told that it comes too late',
    plant: () =>
      brokenBroker((broker) => ({
        read: async (channel, after, limits) => {
          const found = await broker.read(channel, after, limits)
          const { head } = found
          const isAtBoundary = after !== 'start' && after.offset > 1 && after.offset === head.oldestOffset
          return isAtBoundary && found.outcome === 'page'
            ? { outcome: 'reset', reason: 'trimmed', head }
            : found
        },
      })),
  },
  {
    name: 'read-a-page-with-a-hole',
    what: 'the second entry of a page is left out',
    plant: () =>
      brokenBroker((broker) => ({
        read: async (channel, after, limits) => {
          const found = await broker.read(channel, after, limits)
          if (found.outcome === 'reset' || found.entries.length < 3) return found
          return { ...found, entries: found.entries.filter((_, i) => i !== 1) }
        },
      })),
  },
  {
    name: 'read-history-before-attaching',
    what: 'a node asks for the head first, and listens only then',
    plant: () =>
      brokenBroker((broker) => {
        const late = new Map<string, () => Promise<void>>()
        return {
          attach: async (channel, listener) => {
            let cancel: Cancel | undefined
            let isLeft = false
            late.set(channel, async () => {
              // By the time that this is answered, something may have been written.
              await broker.head(channel)
              cancel = await broker.attach(channel, listener)
              if (isLeft) cancel()
            })
            return () => {
              isLeft = true
              cancel?.()
            }
          },
          head: async (channel) => {
            const head = await broker.head(channel)
            late
              .get(channel)?.()
              .catch(() => {})
            late.delete(channel)
            return head
          },
        }
      }),
  },
  {
    name: 'miss-some-news',
    what: 'a node does not hear of some entries, and nothing makes it doubt',
    plant: () => {
      const isDue = once(12)
      return brokenBroker((broker) => ({
        attach: (channel, listener) =>
          broker.attach(channel, (epoch, entries, previousTag) => {
            if (!isDue()) listener(epoch, entries, previousTag)
          }),
      }))
    },
  },
  {
    name: 'never-doubt',
    what: 'a node is not told that it may have missed something, nor what news follows',
    plant: () =>
      brokenBroker((broker) => ({
        attach: (channel, listener) =>
          broker.attach(channel, (epoch, entries) => {
            if (entries.length > 0) listener(epoch, entries)
          }),
      })),
  },
  {
    name: 'trim-past-the-snapshot',
    what: 'entries go before a snapshot holds what they did',
    plant: () =>
      brokenBroker((broker) => ({
        append: (request) => broker.append({ ...request, keep: { ...request.keep, sinceSnapshot: false } }),
        snapshots: broker.snapshots && { load: async () => undefined, save: async () => {} },
      })),
  },
  {
    name: 'snapshot-too-new',
    what: 'a snapshot holds more entries than its position says',
    plant: () => {
      const first = new Map<string, Position>()
      return brokenBroker(({ snapshots }) => ({
        snapshots: snapshots && {
          load: (channel) => snapshots.load(channel),
          save: (channel, snapshot) => {
            const position = first.get(channel) ?? snapshot.position
            first.set(channel, snapshot.position)
            return snapshots.save(channel, { ...snapshot, position })
          },
        },
      }))
    },
  },
  {
    name: 'mix-up-snapshots',
    what: 'a channel gets the state of another one',
    plant: () => {
      let last: StoredSnapshot | undefined
      return brokenBroker(({ snapshots }) => ({
        snapshots: snapshots && {
          load: (channel) => snapshots.load(channel),
          save: async (channel, snapshot) => {
            const state = last && last.position.offset > 0 ? last.state : snapshot.state
            last = snapshot
            await snapshots.save(channel, { ...snapshot, state })
          },
        },
      }))
    },
  },
]

/** Producer and number, or key: what stays the same when a write is sent again. */
function nameOf({ channel, identity }: AppendRequest): string {
  if (identity?.kind === 'producer') return `${channel} ${identity.producer} ${identity.sequence}`
  return `${channel} ${identity?.key}`
}

async function placeAt(broker: Broker, channel: string, offset: number): Promise<Position | 'start'> {
  const found = await broker.read(channel, 'start', everything)
  if (found.outcome === 'reset') return 'start'
  const entry = found.entries.find((each) => each.offset === offset)
  return entry ? { epoch: found.epoch, offset, tag: entry.tag } : found.head.position
}
