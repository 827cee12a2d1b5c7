#!/usr/bin/env node
// The command itself: puts the commands together and gives them the process.

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { systemChance, systemClock } from '@tidings/core'
import { runCli } from './cli.ts'
import { mock } from './commands/mock.ts'
import { publish } from './commands/publish.ts'
import { serve } from './commands/serve.ts'
import { tail } from './commands/tail.ts'
import { token } from './commands/token.ts'
import type { Io } from './io.ts'

const OLDEST_NODE = 24
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(`tidings: it needs Node.js ${OLDEST_NODE} or newer, and this is ${process.version}.\n`)
  process.exit(1)
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

// Whoever reads the lines has had enough (`tidings tail … | head`): that is an end, not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const { stdin } = process
const keys = (listener: (key: string) => void) => {
  stdin
    .setRawMode(true)
    .setEncoding('utf8')
    .on('data', (typed: string) => [...typed].forEach(listener))
}

const io: Io = {
  env: process.env,
  print: (line) => new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve())),
  note: (line) => void process.stderr.write(`${line}\n`),
  readInput: () => text(process.stdin),
  stop: stop.signal,
  keys: stdin.isTTY ? keys : undefined,
  clock: systemClock,
  chance: systemChance,
}

process.exit(
  await runCli({ version, commands: [serve, mock, publish, tail, token] }, process.argv.slice(2), io),
)
