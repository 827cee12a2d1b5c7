// The mock's own addresses, under /mock: which faults there are, switching them, letting something happen. They answer
// whatever the weather is, to every page.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { type ChannelRef, type Contract, formatPosition, type Position, TidingsError } from '@tidings/core'
import { type Fault, faultTable, isFault, isLasting, type LastingFault } from '../mock/faults.ts'

export interface Controlled {
  readonly contract: Contract
  readonly lasting: () => ReadonlySet<LastingFault>
  readonly fault: (name: Fault) => void
  readonly restore: (name?: LastingFault) => void
  readonly publish: (ref: ChannelRef, event: string, data: unknown) => Promise<Position>
}

export const isControl = (path: string) => path === '/mock' || path.startsWith('/mock/')

/** Never rejects. */
export async function control(
  request: IncomingMessage,
  response: ServerResponse,
  mock: Controlled,
): Promise<void> {
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE')
  response.setHeader('access-control-allow-headers', 'content-type')
  try {
    const [status, body] = await answer(request, mock)
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    response.writeHead(400, { 'content-type': 'application/json' }).end(`${JSON.stringify({ detail })}\n`)
  }
}

async function answer(request: IncomingMessage, mock: Controlled): Promise<readonly [number, unknown]> {
  const { method = 'GET', url = '/' } = request
  if (method === 'OPTIONS') return [200, {}]
  const [, , kind, ...rest] = (url.split('?')[0] as string).split('/').map(decodeURIComponent)
  if (kind === undefined && method === 'GET')
    return [200, { lasting: [...mock.lasting()], faults: faultTable }]
  if (kind === 'faults') return faults(method, rest[0], mock)
  const [channel, part, event] = rest
  if (method !== 'POST' || kind !== 'channels' || part !== 'events' || !channel || !event) return [404, HELP]
  const ref = mock.contract.resolve(channel)
  if (!ref) throw new TidingsError('unknown-channel', `The contract has no channel "${channel}".`)
  const body = await text(request)
  const position = await mock.publish(ref, event, body === '' ? undefined : JSON.parse(body))
  return [201, { position: formatPosition(position) }]
}

function faults(method: string, name: string | undefined, mock: Controlled): readonly [number, unknown] {
  if (name !== undefined && !isFault(name))
    throw new Error(`There is no fault "${name}"; there are ${Object.keys(faultTable).join(', ')}.`)
  if (method === 'POST' && name !== undefined) mock.fault(name)
  else if (method === 'DELETE' && (name === undefined || isLasting(name))) mock.restore(name)
  else return [404, HELP]
  return [200, { lasting: [...mock.lasting()] }]
}

const HELP = {
  detail:
    'GET /mock; POST or DELETE /mock/faults/offline; DELETE /mock/faults; POST /mock/channels/{channel}/events/{event}.',
}
