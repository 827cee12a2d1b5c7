// A client in a process of its own: the shipped one, over either of its ways, with an application that writes
// numbers and tells everything that it is given.

import { type Channel, createClient } from '@tidings/client'
import { fileStorage } from '@tidings/client/file'
import { dialWebSocket, sseDial } from '@tidings/client/sse'
import { formatPosition, systemClock } from '@tidings/core'
import { seededChance } from '@tidings/core/testing'
import { Draw } from '../simulation/draw.ts'
import { type board, boards, channels, contract } from './contract.ts'
import type { ClientOrders, FromClient, Look, Note, ToClient } from './notes.ts'

/** How often it tells what it was given, in milliseconds. */
const TELL_EVERY_MS = 40
/** More than this many unanswered writes are no better a test than this many. */
const MOST_PENDING = 300

const orders = JSON.parse(process.argv[2] ?? '') as ClientOrders
const draw = new Draw(seededChance(orders.seed))
let notes: Note[] = []
/** The newest states, which replace one another until they are told. */
const shown = new Map<string, Note>()
let lastNumber = orders.firstNumber
let isResting = false

const client = createClient({
  url: orders.url,
  dial: orders.way === 'sse' ? sseDial() : dialWebSocket,
  // A run is short: what takes a minute in the field takes seconds here.
  backoff: { firstMs: 100, factor: 2, maxMs: 1_000 },
  breaker: { failures: 8, pauseMs: 2_000 },
  connectTimeoutMs: 3_000,
  stableAfterMs: 3_000,
  outbox: orders.outboxFile === undefined ? {} : { storage: fileStorage({ path: orders.outboxFile }) },
  onError: ({ code, message }) => tell({ report: `${orders.name} reports ${code}: ${message}` }),
})

type Any = Channel<typeof board.definition>
const open = new Map(channels.map((name) => [name as string, follow(name)]))

function follow(name: string): Any {
  // Tapes lack the state; who uses it asks boards alone.
  const channel = client.channel(contract.resolve(name) as ReturnType<typeof board>)
  let verdict = channel.continuity.get().verdict
  /** Where it begins has to be told before what follows. */
  const takeVerdict = () => {
    const latest = channel.continuity.get().verdict
    if (latest !== verdict && latest?.name === 'fresh')
      notes.push({ kind: 'fresh', channel: name, position: formatPosition(latest.position) })
    verdict = latest
  }
  channel.continuity.subscribe(takeVerdict)
  channel.onReset(({ reason, position }) => {
    verdict = channel.continuity.get().verdict
    notes.push({ kind: 'reset', channel: name, position: formatPosition(position), reason })
  })
  channel.onAny(({ position, data }) => {
    takeVerdict()
    notes.push({ kind: 'told', channel: name, position: formatPosition(position), n: data.n })
  })
  if (isBoard(name)) {
    channel.state.subscribe(() => {
      const state = channel.state.get()
      if (state) shown.set(name, { kind: 'shown', channel: name, ...state })
    })
  }
  return channel
}

function write(): void {
  if (isResting) return
  systemClock.setTimer(orders.paceMs * 2 * draw.fraction(), write)
  const count = draw.happens(0.15) ? draw.whole(2, 12) : 1
  const channel = open.get(draw.one(channels)) as Any
  const pad = draw.happens(0.1) ? 'x'.repeat(draw.whole(500, 3_000)) : ''
  for (let i = 0; i < count && client.outbox.get().length < MOST_PENDING; i++) publish(channel, pad)
}

function publish(channel: Any, pad: string): void {
  const n = ++lastNumber
  const { name } = channel.ref
  const publication = channel.publish('marked', { n, pad })
  notes.push({ kind: 'wrote', channel: name, n })
  let wasStored = false
  publication.status.subscribe(() => {
    if (publication.isStored && !wasStored) notes.push({ kind: 'stored', channel: name, n })
    wasStored ||= publication.isStored
    const status = publication.status.get()
    if (status.name === 'accepted')
      notes.push({ kind: 'accepted', channel: name, n, position: formatPosition(status.position) })
    if (status.name === 'refused') notes.push({ kind: 'refused', channel: name, n, code: status.error.code })
  })
}

function flush(): void {
  if (notes.length + shown.size > 0) tell({ notes: [...notes, ...shown.values()] })
  notes = []
  shown.clear()
}

function look(): Look {
  const connection = client.connection.get()
  return {
    connection: `${connection.status}: ${connection.reason}`,
    pending: client.outbox.get().length,
    channels: [...open].map(([name, channel]) => {
      const position = channel.position()
      return {
        name,
        status: channel.continuity.get().status,
        position: position && formatPosition(position),
        state: isBoard(name) ? channel.state.get() : undefined,
      }
    }),
  }
}

function isBoard(name: string): boolean {
  return (boards as readonly string[]).includes(name)
}

function tell(message: FromClient): void {
  if (process.connected) process.send?.(message)
}

function beat(): void {
  flush()
  systemClock.setTimer(TELL_EVERY_MS, beat)
}

process.on('message', (message: ToClient) => {
  if (message.order === 'rest') isResting = true
  else {
    flush()
    tell({ look: look(), asked: message.asked })
  }
})
// Whoever started it is gone.
process.on('disconnect', () => process.exit(0))

beat()
write()
