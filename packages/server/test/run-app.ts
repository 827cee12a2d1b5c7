// What `run.test.ts` starts in a process of its own.

import { channel, defineContract } from '@tidings/core'
import { anonymous } from '@tidings/server'
import { run } from '@tidings/server/run'
import * as z from 'zod'

const note = channel('note/:room', { events: { said: z.object({ text: z.string().min(1) }) } })

const { url, apiKey } = await run({
  contract: defineContract({ note }),
  authenticate: anonymous(),
  pages: process.env.TEST_PAGES,
  connects: process.env.TEST_CONNECTS?.split(' '),
  routes: () => (request, response) => {
    if (request.url === '/api/broken') throw new Error('the application broke')
    if (request.url !== '/api/notes') return false
    response.end('the notes')
    return true
  },
  example: { page: '/notes', channel: note({ room: 'lobby' }), event: 'said', data: { text: "It's a test" } },
})

if (process.env.TEST_OWN_EVENT)
  await fetch(`${url}/v1/channels/note%2Flobby/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'said', data: { text: process.env.TEST_OWN_EVENT } }),
  })
if (process.env.TEST_REJECTION) void Promise.reject(new Error('nobody waits for this'))
