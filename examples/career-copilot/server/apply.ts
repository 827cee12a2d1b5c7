// Applying over HTTP, where realtime is switched off: the event that a live page publishes itself, under a key, so that
// a request that is sent again applies once.

import type { IncomingMessage } from 'node:http'
import { statusOf, TidingsError } from '@tidings/core'
import type { TidingsServer } from '@tidings/server/run'
import { applications, type NewApplication } from '../contract.ts'

const MAX_BODY_BYTES = 16_384
const KEY = /^[\x21-\x7e]{1,255}$/

export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** 201 with the application; 200 where this key has applied before. */
export async function apply(tidings: TidingsServer, user: string, request: IncomingMessage): Promise<Reply> {
  // A page of elsewhere can send a form unasked, but JSON only after a preflight, and none is answered.
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return refusal(415, 'Send the application as JSON, with the Content-Type application/json.')
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string' || !KEY.test(key))
    return refusal(
      400,
      'The header Idempotency-Key is missing: 1 to 255 visible characters, the same for a repetition.',
    )
  const text = await readText(request)
  if (text === undefined) return refusal(413, `An application has ${MAX_BODY_BYTES} bytes at most.`)
  const application = parse(text)
  if (application?.status !== 'submitted')
    return refusal(400, 'The body must be an application whose status is "submitted".')
  try {
    const { isDuplicate } = await tidings.publish(
      applications({ user }),
      'application:submitted',
      application,
      { idempotencyKey: `${user} ${key}` },
    )
    return { status: isDuplicate ? 200 : 201, body: application }
  } catch (error) {
    if (error instanceof TidingsError) return refusal(statusOf(error.code), error.message)
    throw error
  }
}

const refusal = (status: number, message: string): Reply => ({ status, body: { message } })

/** What it is made of the contract's schema checks when it is published. */
function parse(text: string): NewApplication | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as NewApplication) : undefined
  } catch {
    return undefined
  }
}

/** Undefined where it is too long; then the connection ends with the answer. */
async function readText(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MAX_BODY_BYTES) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}
