// The thread that owns the file. Group commit without a clock: a lone write is committed at once; what arrives while a
// commit is under way goes into the next, up to a bound. Reads take turns with commits, so neither starves the other.
// It has nothing else to do, and so waits for requests itself instead of turning an event loop, which takes longer.

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { SqliteLog, type SqliteLogOptions, type Write } from './sqlite-log.ts'
import type { Opening, Read, ReadResult, Reply, Requests, ThreadData } from './sqlite-messages.ts'
import { lengthOf, takeWrites } from './sqlite-rows.ts'

/** Entries that one commit takes; the append that reaches it is still part of it. */
const ENTRIES_PER_COMMIT = 256
/** UTF-16 units of data that one commit takes, likewise. */
const LENGTH_PER_COMMIT = 4_194_304
/** Reads answered between two commits: some milliseconds' worth. */
const READS_PER_TURN = 8

// A worker thread has one; only the main thread has none.
const port = parentPort as NonNullable<typeof parentPort>
const { log: options, calls } = workerData as ThreadData

const writes: Write[] = []
const reads: Read[] = []
let isClosing = false

const log = open(options)
if (log) serve(log)

function open(options: SqliteLogOptions): SqliteLog | undefined {
  try {
    const log = new SqliteLog(options)
    answer({ kind: 'opened' })
    return log
  } catch (error) {
    answer({ kind: 'refused', message: messageOf(error) })
    return undefined
  }
}

function serve(log: SqliteLog): void {
  while (!isClosing) {
    const heard = Atomics.load(calls, 0)
    work(log)
    if (!isClosing) Atomics.wait(calls, 0, heard)
  }
  log.close()
}

/** Returns when there is nothing left to do. */
function work(log: SqliteLog): void {
  do {
    for (let arrived = nextRequests(); arrived; arrived = nextRequests()) take(arrived)
    if (writes.length > 0) commit(log, nextBatch())
    for (const read of reads.splice(0, READS_PER_TURN)) lookUp(log, read)
  } while (writes.length > 0 || reads.length > 0)
}

function take(requests: Requests): void {
  writes.push(...takeWrites(requests.writes))
  reads.push(...requests.reads)
  isClosing ||= requests.close
}

function nextRequests(): Requests | undefined {
  return receiveMessageOnPort(port)?.message as Requests | undefined
}

function nextBatch(): Write[] {
  let count = 0
  let entries = 0
  let length = 0
  while (count < writes.length && entries < ENTRIES_PER_COMMIT && length < LENGTH_PER_COMMIT) {
    const write = writes[count++] as Write
    length += lengthOf(write)
    if (write.kind === 'append') entries += write.count
  }
  return writes.splice(0, count)
}

function commit(log: SqliteLog, batch: readonly Write[]): void {
  try {
    const results = log.write(batch)
    answer({ kind: 'written', epoch: log.epoch, results })
  } catch (error) {
    answer({ kind: 'unwritten', count: batch.length, message: messageOf(error) })
  }
}

function lookUp(log: SqliteLog, read: Read): void {
  try {
    answer({ kind: 'found', result: find(log, read) })
  } catch (error) {
    answer({ kind: 'unread', message: messageOf(error) })
  }
}

function find(log: SqliteLog, read: Read): ReadResult {
  switch (read.kind) {
    case 'read':
      return log.read(read.channel, read.after, read.limits)
    case 'head':
      return log.head(read.channel)
    case 'load':
      return log.snapshot(read.channel)
  }
}

function answer(reply: Opening | Reply): void {
  port.postMessage(reply)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
