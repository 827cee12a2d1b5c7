// tidings tail: a channel's entries as lines, each once, across drops and restarts. Follows the event stream over
// HTTP (SPEC HT6): it needs no contract, and the position it resumes by is the one it has printed last.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { EventStreamReader, type StreamEvent } from '@tidings/client/sse'
import { parsePosition, type TidingsError } from '@tidings/core'
import { Api, addressOptions, NoAnswer, notOurs, problemError } from '../api.ts'
import { isWorthRetrying, pause } from '../attempts.ts'
import { type Command, type CommandInput, UsageError } from '../command.ts'
import type { Io } from '../io.ts'

/** The server sends something at least every 15 s (HT6); after three times that the link is taken for dead. */
const SILENCE_MS = 45_000

export const tail: Command = {
  name: 'tail',
  summary: "print a channel's events as they happen",
  positionals: ['<channel>'],
  options: {
    after: { value: '<where>', help: 'start (the oldest kept), now, or a position that was printed (now)' },
    'save-position': {
      value: '<file>',
      help: 'keep the position in a file, and go on from it the next time',
    },
    ...addressOptions,
  },
  notes: `One line of JSON per event: position, offset, event, data and at (milliseconds since 1970). Reconnects by itself and
goes on after the last event printed. Where the server no longer has what follows a position, a line
{"reset": <why>, "position": …} says so before the events go on. Ends on Ctrl-C.`,
  examples: [
    'tidings tail hello/lobby',
    'tidings tail hello/lobby --after start | jq -r \'.data | "\\(.name): \\(.text)"\'',
    'tidings tail hello/lobby --save-position lobby.position >> lobby.jsonl',
  ],
  run: follow,
}

async function follow(input: CommandInput, io: Io): Promise<void> {
  const [channel = ''] = input.positionals
  const api = new Api(input, io)
  const file = input.text('save-position')
  const place: Place = { after: readStart(input.text('after'), file) }
  let attempt = 0

  while (!io.stop.aborted) {
    try {
      for await (const event of stream(api, channel, place, io)) {
        attempt = 0
        const line = lineOf(event)
        if (line === undefined) continue
        await io.print(line)
        if (file !== undefined) savePosition(file, event.id)
      }
    } catch (error) {
      if (io.stop.aborted) return
      if (!isWorthRetrying(error)) throw error
      if (++attempt === 1) io.note(`${error.message} Trying again until it is back.`)
      await pause(io, attempt, error).catch(() => undefined)
    }
  }
}

/** Where the next connection begins: it moves with what was printed. */
interface Place {
  after: string
}

function readStart(after: string | undefined, file: string | undefined): string {
  if (after !== undefined) {
    if (after === 'start' || after === 'now' || parsePosition(after)) return after
    throw new UsageError(
      `--after is "${after}"; it must be start, now, or a position such as tidings tail prints.`,
    )
  }
  if (file === undefined) return 'now'
  let saved: string
  try {
    saved = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'now'
    throw new UsageError(
      `The file ${file} cannot be read: ${error instanceof Error ? error.message : error}.`,
    )
  }
  if (parsePosition(saved)) return saved
  throw new UsageError(
    `The file ${file} does not hold a position; remove it to begin anew, or name another file.`,
  )
}

/** In one step, so that a crash leaves the old position or the new one. */
function savePosition(file: string, position: string): void {
  writeFileSync(`${file}.new`, `${position}\n`)
  renameSync(`${file}.new`, file)
}

/** The events of one connection, each after the one before has been taken. Never ends well: it throws what ended it. */
async function* stream(api: Api, channel: string, place: Place, io: Io): AsyncGenerator<StreamEvent> {
  const reader = new EventStreamReader()
  for await (const text of chunks(api, channel, place.after, io)) {
    for (const event of reader.push(text)) {
      if (event.event === 'ended') throw endOf(event, channel, reader.retryMs)
      yield event
      place.after = event.id
    }
    // The position of "now" comes before the first event: a drop in between leaves no hole either.
    place.after = reader.lastId || place.after
  }
  throw new NoAnswer(`The server at ${api.origin} went away.`)
}

async function* chunks(api: Api, channel: string, after: string, io: Io): AsyncGenerator<string> {
  const link = new AbortController()
  const init = { headers: { accept: 'text/event-stream' }, signal: link.signal }
  const response = await api.request(channel, { after }, init)
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) throw notOurs()
  const body = (response.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream()).getReader()
  try {
    while (true) {
      // Only the wait for the server counts as silence, not the wait for whoever takes the lines.
      const cancel = io.clock.setTimer(SILENCE_MS, () => link.abort())
      const { done, value } = await body.read().finally(cancel)
      if (done) return
      yield value
    }
  } catch (cause) {
    if (io.stop.aborted) throw cause
    throw new NoAnswer(`The connection to ${api.origin} broke.`, { cause })
  } finally {
    link.abort()
  }
}

/** Why the server has ended the stream: it goes away, or a right has ended. */
function endOf({ data }: StreamEvent, channel: string, retryAfterMs: number | undefined): TidingsError {
  const problem: unknown = JSON.parse(data)
  return problemError(typeof problem === 'object' && problem !== null ? { ...problem } : {}, {
    channel,
    retryAfterMs,
  })
}

/** What is printed for an event of the stream; undefined for events that a later server may add. */
function lineOf({ event, data, id }: StreamEvent): string | undefined {
  if (event !== 'message' && event !== 'reset') return undefined
  const value: unknown = JSON.parse(data)
  const fields = typeof value === 'object' && value !== null ? value : { data: value }
  if (event === 'message') return JSON.stringify({ position: id, ...fields })
  return JSON.stringify({ reset: 'reason' in fields ? fields.reason : 'unknown', position: id })
}
