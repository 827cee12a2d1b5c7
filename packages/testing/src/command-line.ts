// The command line of a program for developers: `npm run sim`, chaos, bench and size. One that cannot be understood is
// one sentence and exit code 2, as with the command.

import { type ParseArgsConfig, parseArgs } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>

export interface CommandLine<O extends Options> {
  /** As people write it: `npm run sim`. */
  readonly command: string
  readonly help: string
  readonly options: O
}

/** What was given. Ends the process after `--help`, and where there is no such option. */
export function readCommandLine<const O extends Options>({ command, help, options }: CommandLine<O>) {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    console.log(help)
    process.exit(0)
  }
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    // Node's words begin with what is wrong, and go on about how else it could have been meant.
    const [problem] = (error instanceof Error ? error.message : String(error)).split(/\.(?:\s|$)|\n/)
    console.error(`${problem}; "${command} -- --help" lists what there is.`)
    process.exit(2)
  }
}
