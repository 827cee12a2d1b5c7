// What victim.ts starts in a process of its own, so that its memory can be told from the attackers'.

import type { Socket } from 'node:net'
import { createHttpServer, createServer, type Limits, silentLogger } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { sqliteBroker } from '@tidings/server/sqlite'
import { contract, KEY } from './contract.ts'

const { limits, file, compression } = JSON.parse(process.argv[2] ?? '{}') as {
  limits?: Partial<Limits>
  file?: string
  compression?: boolean
}

const http = createHttpServer()
const server = createServer({
  contract,
  broker: file === undefined ? memoryBroker() : await sqliteBroker({ file }),
  authenticate: ({ token }) => ({ user: token }),
  apiKeys: [{ key: KEY }],
  logger: silentLogger,
  compression,
  limits: { strangersPerAddress: 100_000, failureBurst: 100_000, failuresPerSecond: 100_000, ...limits },
})
server.attach(http)

const sockets = new Set<Socket>()
http.on('connection', (socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
})

process.on('message', (question: { readonly id: number; readonly ask: 'memory' }) => {
  // Twice: what the first collection finalizes, the second one frees.
  globalThis.gc?.()
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const buffered = [...sockets].map(({ writableLength }) => writableLength)
  process.send?.({
    id: question.id,
    memory: {
      rss,
      heapUsed,
      external,
      connections: server.connections,
      mostBuffered: Math.max(0, ...buffered),
    },
  })
})
process.on('disconnect', () => process.exit(0))

http.listen(0, '127.0.0.1', 8_192, () => process.send?.({ port: (http.address() as { port: number }).port }))
