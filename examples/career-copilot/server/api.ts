// The product's own HTTP API, beside the realtime server: what its pages fetch. Everything is read from the states that
// the channels fold into, so an answer always has what an event has told of. The one write becomes an event as well.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Route, TidingsServer } from '@tidings/server/run'
import { applications, jobs, notifications } from '../contract.ts'
import { apply } from './apply.ts'
import { countByWeek, statisticsOf } from './statistics.ts'

export const API_PATH = '/career-copilot/api/'

const RECOMMENDED = 4
const GOOD_MATCH = 75

/** For `run({ routes })`. */
export function careerRoutes(tidings: TidingsServer): Route {
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (!pathname.startsWith(API_PATH)) return false
    const user = searchParams.get('user') ?? ''
    const resource = pathname.slice(API_PATH.length)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead && (request.method !== 'POST' || resource !== 'applications')) {
      response.setHeader('allow', resource === 'applications' ? 'GET, HEAD, POST' : 'GET, HEAD')
      answer(request, response, 405, { message: 'This is read; only to applications something is posted.' })
    } else if (!/^[0-9A-Za-z_-]{1,64}$/.test(user)) {
      answer(request, response, 400, {
        message: 'The parameter "user" is missing: letters, digits, - and _, 64 at most.',
      })
    } else if (!isRead) {
      const { status, body } = await apply(tidings, user, request)
      answer(request, response, status, body)
    } else if (Object.hasOwn(resources, resource)) {
      const read = resources[resource as keyof typeof resources]
      answer(request, response, 200, await read(tidings, user))
    } else {
      answer(request, response, 404, {
        message: `There is no "${resource}"; there are ${Object.keys(resources).join(', ')}.`,
      })
    }
    return true
  }
}

const resources = {
  jobs: async (tidings: TidingsServer, user: string) => (await tidings.state(jobs({ user }))).items,
  recommendations: async (tidings: TidingsServer, user: string) => {
    const { items } = await tidings.state(jobs({ user }))
    const applied = new Set((await tidings.state(applications({ user }))).map(({ job_id }) => job_id))
    return items
      .filter(({ job, match_score = 0 }) => match_score >= GOOD_MATCH && !applied.has(job.id))
      .sort((a, b) => (b.match_score ?? 0) - (a.match_score ?? 0))
      .slice(0, RECOMMENDED)
  },
  applications: async (tidings: TidingsServer, user: string) =>
    [...(await tidings.state(applications({ user })))].sort((a, b) => b.updated_at - a.updated_at),
  notifications: (tidings: TidingsServer, user: string) => tidings.state(notifications({ user })),
  dashboard: async (tidings: TidingsServer, user: string) =>
    statisticsOf(await tidings.state(applications({ user })), await tidings.state(jobs({ user }))),
  analytics: async (tidings: TidingsServer, user: string) =>
    countByWeek(await tidings.state(applications({ user })), Date.now()),
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
