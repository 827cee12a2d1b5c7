import { run } from '@tidings/server/run'
import { contract } from './contract.ts'

await run({ contract, authenticate: () => ({ user: undefined }), pages: 'dist' })
