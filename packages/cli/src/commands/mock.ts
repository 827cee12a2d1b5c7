// tidings mock: a server with invented data, and with faults that are switched by a key, by flags or over HTTP.

import type { Contract } from '@tidings/core'
import type { PlainEndpoint } from '@tidings/server'
import type { Fault, MockOptions } from '@tidings/testing/mock'
import type { MockServer } from '@tidings/testing/mock-server'
import { type Command, type CommandInput, readNumber, UsageError } from '../command.ts'
import { loadContract } from '../contract-file.ts'
import type { Io } from '../io.ts'

export const mock: Command = {
  name: 'mock',
  summary: 'start a server with invented data and faults to switch',
  positionals: ['<contract>'],
  options: {
    port: { value: '<number>', help: 'default 4100; 0 takes any free one' },
    host: { value: '<address>', help: 'default 127.0.0.1: this machine alone' },
    every: { value: '<seconds>', help: 'each kind of event once in this time, default 5; 0: never' },
    history: { value: '<number>', help: 'entries of a channel that is opened first, default 12' },
    seed: { value: '<number>', help: 'another one, other data; default 1' },
    user: { value: '<name>', help: 'who is there without a token; a token names its user' },
    faults: { value: '<names>', help: 'from the start, by commas: offline,slow,flaky and others' },
    origins: { value: '<origins>', help: 'of pages, by commas, beside those of this machine' },
  },
  notes: `The file exports "contract" (or has it as its default export), and may export "data": generators for events by
name, as { notes: { added: ({ sentence }) => ({ text: sentence() }) } }. Where there is none, data is invented from
schemas that tell JSON Schema, as those of Zod do. Also "toJsonSchema", "authenticate", "authorize", "calls", "plain".
Everything is in memory, and nothing is proven: anybody may read and publish.

Keys, in a terminal: o offline, u unreachable, s slow, f flaky, i signed-out, w read-only, l log-down (again: back);
d drop, h half-open, t expired-token, r server-restart, e history-lost; x ends all faults, q quits.
Over HTTP: GET /mock, POST and DELETE /mock/faults/{name}, POST /mock/channels/{channel}/events/{event}.`,
  examples: ['tidings mock src/contract.ts', 'tidings mock src/contract.ts --port 0 --every 2 --faults slow'],
  run: start,
}

const KEYS: Readonly<Record<string, Fault>> = {
  o: 'offline',
  u: 'unreachable',
  s: 'slow',
  f: 'flaky',
  i: 'signed-out',
  w: 'read-only',
  l: 'log-down',
  d: 'drop',
  h: 'half-open',
  t: 'expired-token',
  r: 'server-restart',
  e: 'history-lost',
}

const most = 1_000_000

async function start(input: CommandInput, io: Io): Promise<void> {
  const [file = ''] = input.positionals
  const { contract, authenticate, authorize, calls, more } = await loadContract(file)
  const { isFault } = await import('@tidings/testing/mock')
  const faults = listed(input.text('faults')).map((name) => {
    if (isFault(name)) return name
    throw new UsageError(`--faults has "${name}"; there are ${Object.values(KEYS).join(', ')}.`)
  })
  const everyS = readNumber(input, 'every', { min: 0, max: most }) ?? 5
  const { startMockServer } = await import('@tidings/testing/mock-server')
  const server = await startMockServer<Contract>({
    ...{ contract, authenticate, authorize, calls },
    // The file's own words: what a generator makes is checked by the schema, what an endpoint is by the server.
    data: more.data as MockOptions<Contract>['data'],
    toJsonSchema: more.toJsonSchema as MockOptions<Contract>['toJsonSchema'],
    plain: more.plain as readonly PlainEndpoint[] | undefined,
    port: readNumber(input, 'port', { min: 0, max: 65_535 }) ?? 4_100,
    host: input.text('host'),
    everyMs: everyS === 0 ? undefined : everyS * 1_000,
    history: readNumber(input, 'history', { min: 0, max: most }) ?? 12,
    seed: readNumber(input, 'seed', { min: 0, max: most }),
    user: input.text('user'),
    origins: listed(input.text('origins')),
    report: (problem) => io.note(problem instanceof Error ? problem.message : String(problem)),
  })
  for (const fault of faults) server.fault(fault)
  await io.print(`Mock ready at ${server.url}`)
  if (io.keys)
    await io.print(
      'Keys: o offline, s slow, d drop, r server-restart, x back to normal; all of them: tidings help mock',
    )
  await new Promise<void>((stop) => {
    io.stop.addEventListener('abort', () => stop(), { once: true })
    io.keys?.((key) => press(key, { server, io, stop }))
  })
  await server.close()
}

const listed = (text = '') => text.split(',').flatMap((name) => name.trim() || [])

function press(
  key: string,
  { server, io, stop }: { readonly server: MockServer; readonly io: Io; readonly stop: () => void },
): void {
  // Ctrl-C and Ctrl-D, which a terminal in raw mode hands on.
  if (key === 'q' || key === '\u0003' || key === '\u0004') return stop()
  const fault = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
  const lasting = [...server.faults.get()].find((each) => each === fault)
  if (key === 'x') server.restore()
  else if (lasting) server.restore(lasting)
  else if (fault) server.fault(fault)
  else return
  const now = [...server.faults.get()].join(', ') || 'none'
  io.note(`${key === 'x' ? 'back to normal' : `${lasting ? 'ended: ' : ''}${fault}`}; lasting: ${now}`)
}
