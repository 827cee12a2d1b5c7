// A server with a bug planted into its log: once in a while it acknowledges an append and forgets to make it. Everything
// around that is the shipped server, started as the chaos starts it.

import { anonymous, type Broker, createHttpServer, createServer, silentLogger } from '@tidings/server'
import { sqliteBroker } from '@tidings/server/sqlite'
import { contract } from '../../src/chaos/contract.ts'
import { limits } from '../../src/chaos/server-limits.ts'

const { PORT, TIDINGS_DATA, TIDINGS_API_KEY = '' } = process.env
const disk = await sqliteBroker({ file: `${TIDINGS_DATA}/log.db` })
let appends = 0

const broker: Broker = {
  append: async (request) => {
    if (++appends % 20 !== 0) return disk.append(request)
    const { position } = await disk.head(request.channel)
    const offset = position.offset + 1
    return { outcome: 'appended', firstOffset: offset, position: { ...position, offset, tag: 'forgotten' } }
  },
  read: (channel, after, most) => disk.read(channel, after, most),
  head: (channel) => disk.head(channel),
  attach: (channel, listener) => disk.attach(channel, listener),
  problem: () => disk.problem(),
  close: () => disk.close(),
  snapshots: disk.snapshots,
}

const http = createHttpServer()
const server = createServer({
  ...{ contract, broker, limits, logger: silentLogger },
  authenticate: anonymous(),
  apiKeys: [{ key: TIDINGS_API_KEY }],
})
server.attach(http)
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => void server.close({ drainMs: 100 }).then(() => process.exit(0)))
http.listen(Number(PORT), '127.0.0.1', () => process.stdout.write('Ready at a port\n'))
