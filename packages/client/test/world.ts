// What every test of the client needs: a clock, a server, a contract, and a client between them.

import { type Client, type ClientOptions, createClient } from '@tidings/client'
import { channel, type Schema, type TidingsError } from '@tidings/core'
import { naming, seededChance, VirtualClock } from '@tidings/core/testing'
import { HandLifecycle, TinyServer } from './tiny-server.ts'

/** A Standard Schema in one line: `isRight` decides, and the value goes through as it is. */
export function schema<T>(isRight: (value: unknown) => boolean, message = 'is not right'): Schema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) =>
        isRight(value) ? { value: value as T } : { issues: [{ message, path: ['text'] }] },
    },
  }
}

export interface Said {
  readonly text: string
}

export const said = schema<Said>(
  (value) => typeof (value as Said | null)?.text === 'string' && (value as Said).text !== 'bad',
)

/** Events, and a state: the texts so far, each with its id. */
export const chat = channel('chat/:room', {
  events: { said, left: said },
  state: {
    version: 3,
    initial: [] as readonly string[],
    on: {
      said(state, { text }, { id, isPending }) {
        if (text === 'boom') throw new Error('The fold cannot bear this.')
        return [...state, `${text}${isPending ? '?' : ''} #${id}`]
      },
    },
  },
  signals: { typing: said },
  presence: said,
  calls: { echo: { input: said, output: said } },
})

/** Events alone. */
export const plain = channel('plain/:room', { events: { said, left: said } })

export const room = chat({ room: 'a' })
export const hall = plain({ room: 'a' })

export interface World {
  readonly clock: VirtualClock
  readonly server: TinyServer
  readonly lifecycle: HandLifecycle
  readonly client: Client
  readonly errors: TidingsError[]
}

export function world(options: ClientOptions = {}): World {
  const clock = new VirtualClock()
  const server = new TinyServer(clock)
  const lifecycle = new HandLifecycle()
  const errors: TidingsError[] = []
  const client = createClient({
    url: 'ws://server.test/v1/socket',
    clock,
    chance: naming('p', seededChance(1)),
    dial: server.dial,
    lifecycle,
    onError: (error) => void errors.push(error),
    ...options,
  })
  // The channels with a state have snapshots of what the contract's fold makes of them.
  server.log(room.name).fold = (entries) =>
    entries.map(
      ({ data, by, sequence, offset }) =>
        `${(data as Said).text} #${by ? `${by}:${sequence}` : `${server.log(room.name).epoch}:${offset}`}`,
    )
  return { clock, server, lifecycle, client, errors }
}
