// tidings serve: a server for a contract, without writing one.

import type { Authenticate } from '@tidings/server'
import { type Command, type CommandInput, readNumber, UsageError } from '../command.ts'
import { loadContract } from '../contract-file.ts'
import type { Io } from '../io.ts'
import { checkSecret } from '../secret.ts'

export const serve: Command = {
  name: 'serve',
  summary: 'start a server for a contract, on SQLite',
  positionals: [],
  options: {
    contract: { value: '<file>', help: 'the module that exports the contract (required)' },
    anonymous: { help: 'let everybody in, without a name' },
    port: { value: '<number>', help: 'PORT, else 4000; 0 takes any free one' },
    host: { value: '<address>', help: 'HOST, else 127.0.0.1: this machine alone' },
    data: { value: '<folder>', help: 'TIDINGS_DATA, else .tidings: the log and the API key' },
    pages: { value: '<folder>', help: 'built pages to serve beside the API' },
  },
  notes: `The file exports "contract" (or has it as its default export), and may export "authenticate", "authorize" and "calls".
Who may connect must be said: by "authenticate", by a secret in TIDINGS_JWT_SECRET that tokens are signed with, or by
--anonymous. Backends publish with the API key that the first start makes in the data folder.`,
  examples: [
    'tidings serve --contract src/contract.ts --anonymous',
    'TIDINGS_JWT_SECRET="$(cat secret)" tidings serve --contract src/contract.ts --host 0.0.0.0 --port 8080',
  ],
  run: start,
}

async function start(input: CommandInput, io: Io): Promise<void> {
  const file = input.text('contract')
  if (file === undefined)
    throw new UsageError('--contract is missing: name the module that exports the contract.')
  const { more: _, ...module } = await loadContract(file)
  const authenticate = await authenticator(input, io, module.authenticate)
  const { run } = await import('@tidings/server/run')
  await run({
    ...module,
    authenticate,
    pages: input.text('pages'),
    env: {
      ...io.env,
      ...given('PORT', readNumber(input, 'port', { min: 0, max: 65_535 })),
      ...given('HOST', input.text('host')),
      ...given('TIDINGS_DATA', input.text('data')),
    },
  })
  // From here on the server itself answers signals, and ends the process when it has drained.
  await new Promise<never>(() => {})
}

const given = (name: string, value: string | number | undefined) =>
  value === undefined ? {} : { [name]: String(value) }

async function authenticator(
  input: CommandInput,
  io: Io,
  exported: Authenticate | undefined,
): Promise<Authenticate> {
  // The server is loaded by the commands that need it: help, publish and tail start in a fraction of the time.
  const { anonymous, jwtAuthenticator } = await import('@tidings/server')
  const secret = io.env.TIDINGS_JWT_SECRET
  if (input.isSet('anonymous')) {
    if (exported === undefined) return anonymous()
    throw new UsageError('The contract file exports "authenticate"; leave out --anonymous, or the export.')
  }
  if (exported !== undefined) return exported
  if (secret) return jwtAuthenticator({ algorithms: ['HS256'], secret: checkSecret(secret) })
  throw new UsageError(
    'Say who may connect: --anonymous lets everybody in, TIDINGS_JWT_SECRET takes tokens signed with it, and the contract file may export "authenticate".',
  )
}
