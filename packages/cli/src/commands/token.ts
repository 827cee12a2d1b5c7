// tidings token: a signed token for development and for scripts. A product signs its own.

import { type Command, type CommandInput, UsageError } from '../command.ts'
import type { Io } from '../io.ts'
import { checkSecret } from '../secret.ts'

export const token: Command = {
  name: 'token',
  summary: 'make a token for development',
  positionals: [],
  options: {
    user: { value: '<id>', help: 'who the token speaks for: the claim "sub" (required)' },
    expires: { value: '<time>', help: 'how long it holds: 90s, 15m, 12h or 7d (1h)' },
    claims: { value: '<json>', help: 'further claims, as a JSON object' },
    secret: { value: '<text>', help: 'what it is signed with (TIDINGS_JWT_SECRET), at least 32 bytes' },
  },
  notes: `Prints a JWT signed with HS256. A server started with the same TIDINGS_JWT_SECRET takes it. A secret on a command
line can be read by others on the machine and stays in the shell's history; the environment is the better place.`,
  examples: [
    'export TIDINGS_JWT_SECRET="$(openssl rand -base64 32)"',
    'tidings token --user ada --expires 12h',
    `tidings token --user ada --claims '{"role": "editor"}'`,
  ],
  run: makeToken,
}

async function makeToken(input: CommandInput, io: Io): Promise<void> {
  const user = input.text('user')
  if (!user) throw new UsageError('--user is missing: say who the token speaks for, as in --user ada.')
  const secret = readSecret(input.text('secret') ?? io.env.TIDINGS_JWT_SECRET)
  const { signToken } = await import('@tidings/server')
  await io.print(
    await signToken({
      algorithm: 'HS256',
      key: secret,
      user,
      expiresInSeconds: readDuration(input.text('expires') ?? '1h'),
      claims: readClaims(input.text('claims')),
      clock: io.clock,
    }),
  )
}

function readSecret(text: string | undefined): string {
  if (!text)
    throw new UsageError(
      'There is no secret: set TIDINGS_JWT_SECRET to the one that the server checks with, or give --secret.',
    )
  return checkSecret(text)
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

function readDuration(text: string): number {
  const [, digits = '', unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? []
  const seconds = SECONDS[unit]
  if (seconds !== undefined) return Number(digits) * seconds
  throw new UsageError(`--expires is "${text}"; write a number with s, m, h or d behind it, as in 15m.`)
}

function readClaims(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new UsageError(`--claims is not a JSON object; write it as '{"role": "editor"}'.`)
}
