// The help texts, laid out from the commands' own tables.

import type { Command } from './command.ts'

const WIDTH = 26

const row = (left: string, right: string) =>
  `  ${left.padEnd(WIDTH)}${left.length >= WIDTH ? `\n  ${' '.repeat(WIDTH)}` : ''}${right}`

export function overview(commands: readonly Command[]): string {
  return [
    'tidings: realtime events, once each, in order',
    '',
    'Usage: tidings <command> [options]',
    '',
    'Commands',
    ...commands.map((command) => row(command.name, command.summary)),
    '',
    'More',
    row('tidings help <command>', 'options and examples of a command'),
    row('tidings --version', 'which version this is'),
    '',
    'Exit codes: 0 done, 1 it failed (the reason is on standard error), 2 the command line is wrong.',
  ].join('\n')
}

export function commandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, option]) =>
    row(
      `${option.short ? `-${option.short}, ` : ''}--${name}${option.value ? ` ${option.value}` : ''}`,
      option.help,
    ),
  )
  return [
    `tidings ${command.name}: ${command.summary}`,
    '',
    `Usage: ${usage(command)}`,
    '',
    command.notes,
    '',
    'Options',
    ...options,
    row('-h, --help', 'this text'),
    '',
    'Examples',
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n')
}

export function usage(command: Command): string {
  return ['tidings', command.name, ...command.positionals, '[options]'].join(' ')
}
