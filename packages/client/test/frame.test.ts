// The client's own look at what a server says, against the table of the protocol.

import { parseServerFrame, serverFrames } from '@tidings/core'
import { expect, test } from 'vitest'
import { readFrame, readLaneFrame } from '../src/frame.ts'

const entry = { offset: 1, tag: 't', event: 'said', data: null, at: 1, by: 'p', sequence: 1 }
const member = { id: 'm', user: 'u', state: {} }

/** A value of each field; every frame is made of them. */
const fields: Readonly<Record<string, unknown>> = {
  ...{
    channel: 'a',
    connection: 'c',
    you: 'y',
    user: 'u',
    position: 'e:0:',
    epoch: 'e',
    name: 'n',
    from: 'f',
  },
  ...{ code: 'internal', message: 'm', field: 'f', verdict: 'reset', reason: 'fork', data: 1, state: 1 },
  ...{ id: 1, behind: 0, sequence: 1, total: 1, heartbeatMs: 1, now: 1, expiresAt: 1, retryAfterMs: 1 },
  ...{
    replay: true,
    duplicate: false,
    entries: [entry],
    members: [member],
    joined: [member],
    updated: [],
    left: ['m'],
  },
  ...{ snapshot: { position: 'e:1:t', version: 1, state: null }, lane: 1, frames: [{}], mark: 1 },
}
const wrong = [
  undefined,
  null,
  '',
  'x',
  -1,
  1.5,
  2,
  true,
  {},
  [],
  [null],
  ['x'],
  [{ ...entry, at: 'x' }],
  [{ ...entry, by: 1 }],
  [{ id: 1, state: 1 }],
]

test.for(Object.keys(serverFrames))('of a frame of type %s the client takes what the table takes', (type) => {
  const whole = { type, ...fields, ...(type === 'laneClosed' && { code: 4000 }) }
  const same = (value: unknown) => {
    const taken = readFrame(value) ?? readLaneFrame(value)
    expect(taken !== undefined, JSON.stringify(value)).toBe(parseServerFrame(value).ok)
  }
  expect(parseServerFrame(whole).ok).toBe(true)
  same(whole)
  for (const field of Object.keys(fields)) for (const value of wrong) same({ ...whole, [field]: value })
  for (const field of Object.keys(entry)) same({ ...whole, entries: [{ ...entry, [field]: undefined }] })
  for (const field of Object.keys(member)) same({ ...whole, members: [{ ...member, [field]: undefined }] })
})
