// The server in a process of its own: the program that `run` makes of it, with its log in a SQLite file.

import { anonymous } from '@tidings/server'
import { run } from '@tidings/server/run'
import { contract } from './contract.ts'
import { limits } from './server-limits.ts'

process.on('disconnect', () => process.exit(0))
await run({ contract, authenticate: anonymous(), limits })
