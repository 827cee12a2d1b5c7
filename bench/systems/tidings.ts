// Tidings as it ships: contract, validation, log, acknowledgement, limits and metrics are on. The limits that keep
// strangers out are raised, because here one address brings everybody and says more than a person would.

import { createServer as createHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventData, FIRST_SERIAL, type System } from '../system.ts'

export const tidings: System = {
  title: 'Tidings',
  runtime: 'node',

  async serve({ broker: kind = 'memory', tailEntries }) {
    const [{ createServer, anonymous, silentLogger }, { contract }, broker] = await Promise.all([
      import('@tidings/server'),
      import('../contract.ts'),
      openBroker(kind),
    ])
    const http = createHttp()
    const server = createServer({
      contract,
      broker,
      authenticate: anonymous(),
      authorize: () => true,
      apiKeys: [{ key: API_KEY }],
      logger: silentLogger,
      limits: { ...OPEN_DOORS, ...(tailEntries !== undefined && { tailEntries }) },
    })
    server.attach(http)
    await new Promise<void>((ready) => void http.listen(0, '127.0.0.1', 16_384, ready))
    return {
      port: (http.address() as AddressInfo).port,
      close: async () => {
        await server.close({ drainMs: 0 })
        http.close()
        http.closeAllConnections()
      },
    }
  },

  wire: {
    path: '/v1/socket',
    subprotocol: 'tidings.v1.json',
    eventStream: (channel) => ({
      path: `/v1/channels/${encodeURIComponent(channel)}/events`,
      headers: ['Accept: text/event-stream', `Authorization: Bearer ${API_KEY}`],
    }),
    join: (channel) => [
      channel === undefined ? greeting() : { ...greeting(channel), until: '"type":"live"' },
    ],
    rejoin: (channel, transcript) => {
      const [, epoch] = transcript.match(/"epoch":"(\w+)"/) ?? []
      const [, offset, tag] = [...transcript.matchAll(/"offset":(\d+),"tag":"(\w+)"/g)].at(-1) ?? []
      return [{ ...greeting(channel, `${epoch}:${offset}:${tag}`), until: '"type":"live"' }]
    },
    publish: (channel, serial, { body }) =>
      JSON.stringify({
        type: 'publish',
        id: serial,
        channel,
        event: 'happened',
        data: eventData(serial, body),
        sequence: serial - FIRST_SERIAL + 1,
      }),
    // As the client does with what is published in one turn.
    pack: (texts) => `[${texts.join(',')}]`,
    ackMark: '"id":',
    signal: (channel, text) => JSON.stringify({ type: 'signal', channel, name: 'moved', data: { at: text } }),
  },
}

export const API_KEY = 'bench-bench-bench-bench'

const MANY = 1_000_000_000
const OPEN_DOORS = {
  strangersPerAddress: MANY,
  framesPerSecond: MANY,
  frameBurst: MANY,
  requestsPerSecond: MANY,
  requestBurst: MANY,
  // As the other systems: nobody is asked for a sign of life while we measure.
  heartbeatMs: 600_000,
} as const

async function openBroker(kind: 'memory' | 'sqlite') {
  if (kind === 'memory') return (await import('@tidings/server/memory')).memoryBroker()
  const { temporaryFile } = await import('../temporary.ts')
  return (await import('@tidings/server/sqlite')).sqliteBroker({ file: temporaryFile('log.db') })
}

function greeting(channel?: string, after?: string) {
  const hello = {
    type: 'hello',
    producer: `bench-${Math.random().toString(36).slice(2)}`,
    ...(channel !== undefined && { subscribe: [{ id: 1, channel, ...(after !== undefined && { after }) }] }),
  }
  return { say: JSON.stringify(hello), until: '"type":"welcome"' }
}
