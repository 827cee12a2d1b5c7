// From arguments to a command and from its outcome to an exit code. Knows no command by name.

import { adviceFor, TidingsError } from '@tidings/core'
import { NoAnswer } from './api.ts'
import { type Command, readInput, UsageError } from './command.ts'
import { commandHelp, overview, usage } from './help.ts'
import type { Io } from './io.ts'

export type ExitCode = 0 | 1 | 2

export interface Cli {
  readonly version: string
  readonly commands: readonly Command[]
}

/** Runs what `args` ask for. Never rejects: what goes wrong becomes words on standard error and an exit code. */
export async function runCli({ version, commands }: Cli, args: readonly string[], io: Io): Promise<ExitCode> {
  const [first, ...rest] = args
  if (first === '--version' || first === '-v') return say(io, version)
  if (first === undefined || first === '--help' || first === '-h') return say(io, overview(commands))

  const wantsHelp = first === 'help'
  const name = wantsHelp ? rest[0] : first
  if (name === undefined) return say(io, overview(commands))
  const command = commands.find((each) => each.name === name)
  if (!command) {
    io.note(
      `tidings: there is no command "${name}"; there are ${commands.map((each) => each.name).join(', ')}.`,
    )
    io.note('Run "tidings help" for what each does.')
    return 2
  }
  if (wantsHelp || asksForHelp(rest)) return say(io, commandHelp(command))

  try {
    await command.run(readInput(command, rest), io)
    return 0
  } catch (error) {
    return report(command, error, io)
  }
}

async function say(io: Io, text: string): Promise<ExitCode> {
  await io.print(text)
  return 0
}

/** `--help` anywhere before `--`: somebody who is lost does not get an error about another option first. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
}

function report(command: Command, error: unknown, io: Io): ExitCode {
  if (error instanceof UsageError) {
    io.note(`tidings ${command.name}: ${error.message}`)
    io.note(`Usage: ${usage(command)}. Run "tidings help ${command.name}" for the options.`)
    return 2
  }
  if (error instanceof TidingsError) {
    io.note(`tidings ${command.name}: ${error.message} (${error.code})`)
    io.note(adviceFor(error.code))
    return 1
  }
  io.note(`tidings ${command.name}: ${error instanceof Error ? error.message : String(error)}`)
  if (error instanceof NoAnswer) io.note('Check that a server runs there, or say with --url where it is.')
  return 1
}
