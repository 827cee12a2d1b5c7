// Bugs of an outbox's storage, and of how a page goes on with what an earlier one has left in it.

import type { RecordChange, StoredRecord, StoredRow } from '@tidings/client/durable'
import type { Bug } from '../seams.ts'
import { brokenStorage, once } from './tampering.ts'

interface Head {
  readonly epoch: number
  readonly user?: string | null
  readonly strayFrom?: number
}

/** Changes the heads as pages are given them. */
function withHead<Listed extends Pick<StoredRecord, 'head'>>(listed: Listed, change: Partial<Head>): Listed {
  return { ...listed, head: { ...(listed.head as Head), ...change } }
}

interface Row {
  readonly channel: string
  readonly text: string
}

/** The row with what another one says, where that is for the same channel. */
function withTextOf(row: StoredRow, other: StoredRow | undefined): StoredRow {
  const { channel, text } = (other ?? row).value as Row
  const value = row.value as Row
  return value.channel === channel ? { ...row, value: { ...value, text } } : row
}

/** Every commit, changed. */
const brokenCommits = (change: (changes: RecordChange) => RecordChange) =>
  brokenStorage((storage) => ({ commit: (changes) => storage.commit(changes.map(change)) }))

export const storageBugs: readonly Bug[] = [
  {
    name: 'forget-a-durable-record',
    what: 'one of the records that earlier pages have left is not found',
    plant: () => brokenStorage((storage) => ({ list: async () => (await storage.list()).slice(1) })),
  },
  {
    name: 'forget-a-row',
    what: 'once in a while a write is told to be stored, and is not there',
    plant: () => {
      const isDue = once(5)
      return brokenCommits((change) =>
        change.put?.length && isDue() ? { ...change, put: change.put.slice(1) } : change,
      )
    },
  },
  {
    name: 'restore-in-the-wrong-order',
    what: 'the writes of an earlier page come back last first',
    plant: () =>
      brokenStorage((storage) => ({
        read: async (id) => {
          const record = await storage.read(id)
          return (
            record && { ...record, rows: record.rows.map((row, i, rows) => withTextOf(row, rows.at(-1 - i))) }
          )
        },
      })),
  },
  {
    name: 'say-stored-too-soon',
    what: 'a write is told to be stored while it is on its way to the disk',
    plant: () =>
      brokenStorage((storage) => ({
        commit: async (changes) => {
          storage.commit(changes).catch(() => {})
        },
      })),
  },
  {
    name: 'reuse-an-epoch',
    what: 'each page that goes on with a record counts from the same epoch',
    plant: () =>
      brokenStorage((storage) => ({
        read: async (id) => {
          const record = await storage.read(id)
          return record && withHead(record, { epoch: 0 })
        },
      })),
  },
  {
    name: 'send-what-another-has-written',
    what: 'a record is taken for that of whoever finds it',
    plant: () =>
      brokenStorage((storage, user) => ({
        list: async () => (await storage.list()).map((listed) => withHead(listed, { user })),
        read: async (id) => {
          const record = await storage.read(id)
          return record && withHead(record, { user })
        },
      })),
  },
  {
    name: 'keep-what-was-answered',
    what: 'a write stays in the storage after its answer',
    plant: () => brokenCommits(({ remove: _, ...change }) => change),
  },
  {
    name: 'give-strays-to-the-owner',
    what: 'what a page has written into somebody’s record before its welcome counts as theirs',
    plant: () =>
      brokenStorage((storage) => ({
        list: async () => (await storage.list()).map((listed) => withHead(listed, { strayFrom: 0 })),
        read: async (id) => {
          const record = await storage.read(id)
          return record && withHead(record, { strayFrom: 0 })
        },
      })),
  },
  {
    name: 'move-and-leave-it',
    what: 'what moves from one record to the next stays in the first as well',
    plant: () =>
      brokenStorage((storage) => ({
        commit: (changes) =>
          storage.commit(
            changes.filter(
              ({ remove }, i) =>
                i > 0 || !remove || changes.length !== 2 || changes[1]?.id === changes[0]?.id,
            ),
          ),
      })),
  },
]
