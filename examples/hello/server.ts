import { anonymous } from '@tidings/server'
import { run } from '@tidings/server/run'
import { contract } from './contract.ts'

await run({ contract, authenticate: anonymous(), pages: 'dist' })
