// A process that opens the log of its first argument, writes one entry, says so, and stays.

import { sqliteBroker } from '@tidings/server/sqlite'

const broker = await sqliteBroker({ file: process.argv[2] ?? '' })
await broker.append({
  channel: 'a',
  drafts: [{ event: 'said', data: '"from the owner"' }],
  keep: { entries: 10, sinceSnapshot: false },
})
console.log('open')
