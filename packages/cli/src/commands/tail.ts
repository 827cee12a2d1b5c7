// tidings tail: a channel's entries as lines, each once, across drops and restarts. Follows the event stream over
// HTTP (SPEC HT6): it needs no contract, and the position it resumes by is the one it has printed last.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parsePosition, TidingsError } from '@tidings/core'
import { addressOptions, Api, readPosition } from '../api.ts'
import { isWorthRetrying, pause } from '../attempts.ts'
import { type Command, type CommandInput, UsageError } from '../command.ts'
import { EventStreamReader, type StreamEvent } from '../event-stream.ts'
import type { Io } from '../io.ts'

/** The server sends something at least every 15 s (HT6); after three times that the link is taken for dead. */
const SILENCE_MS = 45_000

export const tail: Command = {
  name: 'tail',
  summary: "print a channel's events as they happen",
  positionals: ['<channel>'],
  options: {
    after: { value: '<where>', help: 'start (the oldest kept), now, or a position that was printed (now)' },
    'save-position': { value: '<file>', help: 'keep the position in a file, and go on from it the next time' },
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
  let after = readStart(input.text('after'), file)
  let attempt = 0

  while (!io.stop.aborted) {
    try {
      // The position of "now" is asked for first, so that a drop before the first event leaves no hole either.
      if (after === 'now') after = await headOf(api, channel)
      for await (const event of events(api, channel, after, io)) {
        attempt = 0
        const line = lineOf(event)
        if (line === undefined) continue
        await io.print(line)
        after = event.id
        if (file !== undefined) savePosition(file, after)
      }
      // A stream that ended by itself: the server went away.
      attempt++
      await pause(io, attempt, new TidingsError('unavailable', 'The stream ended.'))
    } catch (error) {
      if (io.stop.aborted) return
      if (!isWorthRetrying(error)) throw error
      if (++attempt === 1) io.note(`${error.message} Trying again until it is back.`)
      await pause(io, attempt, error).catch(() => undefined)
    }
  }
}

function readStart(after: string | undefined, file: string | undefined): string {
  if (after !== undefined) {
    if (after === 'start' || after === 'now' || parsePosition(after)) return after
    throw new UsageError(`--after is "${after}"; it must be start, now, or a position such as tidings tail prints.`)
  }
  if (file === undefined) return 'now'
  let saved: string
  try {
    saved = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'now'
    throw new UsageError(`The file ${file} cannot be read: ${error instanceof Error ? error.message : error}.`)
  }
  if (parsePosition(saved)) return saved
  throw new UsageError(`The file ${file} does not hold a position; remove it to begin anew, or name another file.`)
}

/** In one step, so that a crash leaves the old position or the new one. */
function savePosition(file: string, position: string): void {
  writeFileSync(`${file}.new`, `${position}\n`)
  renameSync(`${file}.new`, file)
}

async function headOf(api: Api, channel: string): Promise<string> {
  const response = await api.request(channel, { after: 'now', limit: '0' }, { headers: { accept: 'application/json' } })
  return (await readPosition(response, channel)).position
}

/** The events of one connection; ends, or throws, when the connection does. */
async function* events(api: Api, channel: string, after: string, io: Io): AsyncGenerator<StreamEvent> {
  const silent = new AbortController()
  let cancel = () => {}
  const heard = () => {
    cancel()
    cancel = io.clock.setTimer(SILENCE_MS, () => silent.abort())
  }
  try {
    const response = await api.request(channel, { after }, { headers: { accept: 'text/event-stream' }, signal: silent.signal })
    const reader = new EventStreamReader()
    heard()
    for await (const text of (response.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream())) {
      heard()
      yield* reader.push(text)
    }
  } catch (error) {
    if (error instanceof TidingsError || io.stop.aborted) throw error
    throw new TidingsError('unavailable', `The connection to ${api.origin} broke.`, { channel, cause: error })
  } finally {
    cancel()
    silent.abort()
  }
}

/** What is printed for an event of the stream; undefined for events that a later server may add. */
function lineOf({ event, data, id }: StreamEvent): string | undefined {
  if (event !== 'message' && event !== 'reset') return undefined
  const value: unknown = JSON.parse(data)
  const fields = typeof value === 'object' && value !== null ? value : { data: value }
  if (event === 'message') return JSON.stringify({ position: id, ...fields })
  return JSON.stringify({ reset: 'reason' in fields ? fields.reason : 'unknown', position: id })
}
