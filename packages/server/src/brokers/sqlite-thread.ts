// The near end of the thread that owns the file: gathers what one turn of the event loop asks for into one message, and
// matches what comes back with who asked. Knows nothing of logs but the shape of what it carries.

import { Worker } from 'node:worker_threads'
import { type Clock, TidingsError } from '@tidings/core'
import type { AppendRequest } from '../broker.ts'
import type { SqliteLogOptions, Write, WriteResult } from './sqlite-log.ts'
import type { Opening, Read, ReadResult, Reply, Requests, ThreadData } from './sqlite-messages.ts'
import { type Cell, lengthOf, putWrite } from './sqlite-rows.ts'
import { pack } from './sqlite-runs.ts'

export interface AskedAppend {
  readonly kind: 'append'
  readonly request: AppendRequest
  /** One for each draft. */
  readonly tags: readonly string[]
  readonly at: number
}

export type AskedWrite = AskedAppend | Exclude<Write, { readonly kind: 'append' }>

export interface ThreadEvents {
  /** A commit is durable. Called before its writes are answered. */
  written(epoch: string, writes: readonly AskedWrite[], results: readonly WriteResult[]): void
  /** A commit was refused as a whole; the writes' promises say so, too. */
  unwritten(message: string): void
  /** The thread has died by itself: what it was asked for is refused, and another one may own the file. */
  died(message: string, unanswered: readonly AskedWrite[]): void
}

export interface ThreadOptions {
  readonly log: SqliteLogOptions
  readonly clock: Clock
  /** Writes that may wait for the disk. */
  readonly maxWaitingWrites: number
  /** UTF-16 units of data that may wait with them. */
  readonly maxWaitingLength: number
  /** Reads that may wait for the disk. */
  readonly maxWaitingReads: number
}

/** Who waits for an answer. */
interface Waiting<Request, Answer extends readonly unknown[]> {
  readonly request: Request
  readonly resolve: (...answer: Answer) => void
  readonly reject: (error: TidingsError) => void
}

// Beside this file, in the language that this file is in: TypeScript in the sources, JavaScript where it was built.
const WORKER = new URL(`./sqlite-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

export class SqliteThread {
  readonly #worker: Worker
  readonly #calls: Int32Array
  readonly #options: ThreadOptions
  readonly #events: ThreadEvents
  // Oldest first: the thread answers in this order. The first of them are sent, the last wait for the end of the turn.
  readonly #writes: (Waiting<AskedWrite, [epoch: string, result: WriteResult]> & {
    readonly length: number
  })[] = []
  readonly #reads: Waiting<Read, [result: ReadResult]>[] = []
  #waitingLength = 0
  #unsentWrites: Cell[] = []
  #unsentReads: Read[] = []
  #isTurnOpen = false
  #isClosing = false
  /** Why nothing will be answered any more. */
  #death: string | undefined
  readonly #exit: Promise<void>

  /** Rejects with `unavailable` and a sentence that says why the file cannot be used. */
  static async open(options: ThreadOptions, events: ThreadEvents): Promise<SqliteThread> {
    const calls = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const workerData: ThreadData = { log: options.log, calls }
    const worker = new Worker(WORKER, { name: 'tidings-sqlite', workerData })
    const opening = await new Promise<Opening>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () =>
        reject(unavailable(`The thread that opens "${options.log.file}" ended before it had.`)),
      )
    })
    if (opening.kind === 'refused') throw unavailable(opening.message)
    return new SqliteThread({ worker, calls }, options, events)
  }

  private constructor(
    { worker, calls }: { readonly worker: Worker; readonly calls: Int32Array },
    options: ThreadOptions,
    events: ThreadEvents,
  ) {
    this.#worker = worker
    this.#calls = calls
    this.#options = options
    this.#events = events
    let cause = 'it ended by itself'
    worker.on('message', (reply: Reply) => this.#take(reply))
    worker.on('error', (error) => {
      cause = error.message
    })
    this.#exit = new Promise((resolve) => {
      worker.once('exit', () => {
        if (!this.#isClosing || this.#writes.length + this.#reads.length > 0) this.#die(gone(options, cause))
        resolve()
      })
    })
  }

  /** Resolves to what `read` makes of the result when the write is durable. */
  write<Outcome>(
    request: AskedWrite,
    read: (epoch: string, result: WriteResult) => Outcome,
  ): Promise<Outcome> {
    if (this.#death !== undefined) return refuse(this.#death)
    const { maxWaitingWrites, maxWaitingLength } = this.#options
    if (this.#writes.length >= maxWaitingWrites || this.#waitingLength >= maxWaitingLength) {
      return refuse(`${this.#writes.length} writes wait for the disk already.`)
    }
    const write = request.kind === 'append' ? pack(request.request, request.tags, request.at) : request
    const length = lengthOf(write)
    this.#waitingLength += length
    putWrite(this.#unsentWrites, write)
    this.#awaitTurn()
    return new Promise((resolve, reject) => {
      this.#writes.push({ request, length, resolve: (epoch, result) => resolve(read(epoch, result)), reject })
    })
  }

  read(request: Read): Promise<ReadResult> {
    if (this.#death !== undefined) return refuse(this.#death)
    if (this.#reads.length >= this.#options.maxWaitingReads) {
      return refuse(`${this.#reads.length} reads wait for the disk already.`)
    }
    this.#unsentReads.push(request)
    this.#awaitTurn()
    return new Promise((resolve, reject) => this.#reads.push({ request, resolve, reject }))
  }

  /** Resolves when everything asked for was answered and the file is free. Nothing may be asked for after it. */
  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true
      this.#send()
    }
    return this.#exit
  }

  #awaitTurn(): void {
    if (this.#isTurnOpen) return
    this.#isTurnOpen = true
    this.#options.clock.endOfTurn(() => this.#send())
  }

  #send(): void {
    this.#isTurnOpen = false
    const requests: Requests = {
      writes: this.#unsentWrites,
      reads: this.#unsentReads,
      close: this.#isClosing,
    }
    this.#unsentWrites = []
    this.#unsentReads = []
    this.#worker.postMessage(requests)
    Atomics.add(this.#calls, 0, 1)
    Atomics.notify(this.#calls, 0)
  }

  #take(reply: Reply): void {
    switch (reply.kind) {
      case 'written':
        return this.#settle(reply.epoch, reply.results)
      case 'unwritten':
        this.#events.unwritten(reply.message)
        return rejectAll(this.#shiftWrites(reply.count), reply.message)
      case 'found':
        return this.#reads.shift()?.resolve(reply.result)
      case 'unread':
        return this.#reads.shift()?.reject(unavailable(reply.message))
    }
  }

  #settle(epoch: string, results: readonly WriteResult[]): void {
    const settled = this.#shiftWrites(results.length)
    this.#events.written(
      epoch,
      settled.map(({ request }) => request),
      results,
    )
    for (const [i, { resolve }] of settled.entries()) resolve(epoch, results[i])
  }

  #shiftWrites(count: number) {
    const shifted = this.#writes.splice(0, count)
    for (const { length } of shifted) this.#waitingLength -= length
    return shifted
  }

  #die(message: string): void {
    this.#death = message
    const unanswered = this.#writes.splice(0)
    this.#events.died(
      message,
      unanswered.map(({ request }) => request),
    )
    rejectAll(unanswered, message)
    rejectAll(this.#reads.splice(0), message)
  }
}

const gone = ({ log }: ThreadOptions, cause: string) =>
  `The thread that writes "${log.file}" is gone (${cause}); another one is started.`

const unavailable = (message: string) => new TidingsError('unavailable', message)

const refuse = (message: string) => Promise.reject(unavailable(message))

function rejectAll(
  waiting: readonly { readonly reject: (error: TidingsError) => void }[],
  message: string,
): void {
  for (const { reject } of waiting) reject(unavailable(message))
}
