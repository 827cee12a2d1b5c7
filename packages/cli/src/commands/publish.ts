// tidings publish: one event, in the log once, however often the request has to be sent.

import { Api, addressOptions, readPosition } from '../api.ts'
import { isWorthRetrying, pause } from '../attempts.ts'
import { type Command, type CommandInput, readNumber, UsageError } from '../command.ts'
import type { Io } from '../io.ts'

const DEFAULT_TIMEOUT_S = 60

export const publish: Command = {
  name: 'publish',
  summary: 'append an event to a channel',
  positionals: ['<channel>', '<event>', '<json>'],
  options: {
    ...addressOptions,
    'idempotency-key': { value: '<text>', help: 'makes a repeated command harmless (made anew each time)' },
    timeout: { value: '<seconds>', help: `how long to keep trying (${DEFAULT_TIMEOUT_S}); 0 is one attempt` },
  },
  notes: `Prints the event's position once the log has it. When the server cannot be reached, is busy or restarts in the
middle, the command tries again under the same idempotency key, so the event is appended once.
<json> is the event's data as the contract describes it; "-" reads it from standard input.`,
  examples: [
    `tidings publish hello/lobby said '{"name": "Nightly build", "text": "All green in 4 min 12 s"}'`,
    'jq -n \'{name: "Backup", text: "41 GB copied"}\' | tidings publish hello/lobby said -',
    'tidings publish hello/lobby said "$(cat event.json)" --url https://realtime.example.com --key "$KEY"',
  ],
  run: publishOnce,
}

async function publishOnce(input: CommandInput, io: Io): Promise<void> {
  const [channel = '', event = '', json = ''] = input.positionals
  const timeoutS = readNumber(input, 'timeout', { min: 0, max: 86_400 }) ?? DEFAULT_TIMEOUT_S
  const key = input.text('idempotency-key') ?? io.chance.token(22)
  const api = new Api(input, io)
  const data = readJson(
    json === '-' ? await io.readInput() : json,
    json === '-' ? 'Standard input' : 'The data',
  )
  const body = JSON.stringify({ type: event, data })

  const deadline = io.clock.monotonic() + timeoutS * 1_000
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await api.request(
        channel,
        {},
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body,
        },
      )
      const { position, isDuplicate } = await readPosition(response)
      await io.print(JSON.stringify({ position, duplicate: isDuplicate }))
      return
    } catch (error) {
      if (!isWorthRetrying(error) || io.clock.monotonic() >= deadline) throw error
      if (attempt === 1) io.note(`${error.message} Trying again for ${timeoutS} s.`)
      await pause(io, attempt, error)
    }
  }
}

function readJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const hint = text.includes('"')
      ? ''
      : ' Put single quotes around the whole and double quotes around names and texts.'
    throw new UsageError(`${what} is not JSON: ${error instanceof Error ? error.message : error}.${hint}`)
  }
}
