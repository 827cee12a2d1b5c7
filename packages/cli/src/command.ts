// What a command is: its options, its words for people, what it does. One table of options is at once what is parsed
// and what the help shows, so that the two cannot differ.

import { parseArgs } from 'node:util'
import type { Io } from './io.ts'

export interface Option {
  /** Name of the value in the help (`<number>`); without it the option is a switch. */
  readonly value?: string
  readonly short?: string
  /** One line. The default is part of it. */
  readonly help: string
}

export interface Command {
  readonly name: string
  /** One line for the list of commands: begins with a verb. */
  readonly summary: string
  /** Names of the arguments, in order; all of them are required. */
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, Option>>
  /** What a stranger needs to know besides the options. */
  readonly notes: string
  /** Command lines that work as written. */
  readonly examples: readonly string[]
  /** Resolves when the work is done; throws UsageError or TidingsError. */
  readonly run: (input: CommandInput, io: Io) => Promise<void>
}

export interface CommandInput {
  readonly positionals: readonly string[]
  /** Text of an option, or undefined where it was not given. */
  readonly text: (option: string) => string | undefined
  readonly isSet: (option: string) => boolean
}

/** The command line cannot be understood: exit code 2. `message` says what is wrong and what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Reads a command's arguments. Throws UsageError. */
export function readInput(command: Command, args: readonly string[]): CommandInput {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, option]) => [
      name,
      {
        type: option.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  )
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(plainly(error))
  }
  const { positionals, values } = parsed
  const missing = command.positionals[positionals.length]
  if (missing !== undefined) throw new UsageError(`${missing} is missing.`)
  const extra = positionals[command.positionals.length]
  if (extra !== undefined)
    throw new UsageError(`"${extra}" is one argument too many; put quotes around values with spaces.`)
  return {
    positionals,
    text: (option) => {
      const value = values[option]
      return typeof value === 'string' ? value : undefined
    },
    isSet: (option) => values[option] === true,
  }
}

/** A whole number from an option. Throws UsageError. */
export function readNumber(
  input: CommandInput,
  option: string,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  const text = input.text(option)
  if (text === undefined) return undefined
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= bounds.min && number <= bounds.max) return number
  throw new UsageError(
    `--${option} is "${text}"; it must be a whole number from ${bounds.min} to ${bounds.max}.`,
  )
}

/** Node's own words, as a sentence of ours: they begin with what is wrong, and go on about Node's internals. */
function plainly(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const [sentence = message] = message.split(/\. To specify|\n/)
  return sentence.endsWith('.') ? sentence : `${sentence}.`
}
