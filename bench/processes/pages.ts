// Serves the built page with either system behind it, and publishes as fast as the page follows.

import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { anonymous, createServer, silentLogger } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { board, contract } from '../pages/contract.ts'
import { answerParent } from './child.ts'

const [kind, folder = ''] = process.argv.slice(2)
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

const http = createHttp((request, response) => {
  const [path = '/'] = (request.url ?? '/').split('?')
  try {
    const file = readFileSync(join(folder, path === '/' ? 'index.html' : path))
    response.setHeader('content-type', TYPES[extname(path)] ?? 'text/html')
    response.end(file)
  } catch {
    response.writeHead(404).end()
  }
})

const body = 'A module was completed, and everybody who looks at the dashboard sees it.'
let serial = 0
let publish: (count: number) => Promise<unknown>
if (kind === 'tidings') {
  const server = createServer({
    ...{ contract, broker: memoryBroker(), authenticate: anonymous(), logger: silentLogger },
  })
  server.attach(http)
  publish = (count) =>
    Promise.all(
      Array.from({ length: count }, () =>
        server.publish(board({ id: 'one' }), 'moved', { serial: ++serial, body }),
      ),
    )
} else {
  const { Server } = (await import('socket.io' as string)) as {
    Server: new (server: unknown) => { emit(event: string, data: object): void }
  }
  const io = new Server(http)
  publish = async (count) => {
    for (let i = 0; i < count; i++) io.emit('moved', { serial: ++serial, body })
  }
}
await new Promise<void>((ready) => void http.listen(0, '127.0.0.1', ready))

answerParent({
  port: () => (http.address() as AddressInfo).port,
  publish: ({ count }: { count: number }) => publish(count),
})
