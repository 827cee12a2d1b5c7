// The world at rest: after everything was made well, what has to come true in a bounded time, and what has to be left
// behind once everything is closed.

import { formatPosition } from '@tidings/core'
import type { Reading } from './reading.ts'
import type { Tab } from './tab.ts'
import type { Harm } from './violation.ts'
import type { World } from './world.ts'

/** Something that is not yet, or not any more, as it should be. */
export interface Unrest {
  readonly harm: Harm
  readonly rule: string
  readonly message: string
}

const unrest = (harm: Harm, rule: string, message: string): Unrest => ({ harm, rule, message })

/** What keeps the world from being at rest; undefined when it is. */
export async function unrestOf(world: World): Promise<Unrest | undefined> {
  const down = world.nodes.find((node) => !node.isRunning || node.hub.isDraining)
  if (down) return unrest('silent', 'Q7', `${down.name} does not run`)
  const closed = world.tabs.find((tab) => tab.isClosed)
  if (closed) return unrest('silent', 'Q7', `${closed.name} has not been opened again`)
  if (!world.backend.isIdle)
    return unrest('silent', 'Q7', 'a backend has not got all its writes into the log')
  for (const tab of world.tabs) {
    const found = unrestOfTab(tab) ?? (await unrestOfReadings(world, tab))
    if (found) return found
  }
  return unrestOfPresence(world)
}

function unrestOfTab(tab: Tab): Unrest | undefined {
  if (!tab.machine.isRunning) return unrest('silent', 'Q7', `${tab.name} stands still`)
  const { status, reason } = tab.client.connection.get()
  if (status !== 'connected' && isUsed(tab))
    return unrest('silent', 'Q7', `${tab.name} is ${status}: ${reason}`)
  const pending = tab.client.outbox.get()[0]
  return (
    pending &&
    unrest('lost', 'Q2', `${tab.name} still has ${pending.channel} ${JSON.stringify(pending.data)} to send`)
  )
}

/** A client that nothing was asked of has no reason to connect. */
const isUsed = (tab: Tab) => tab.client.connection.get().reason !== 'idle'

async function unrestOfReadings(world: World, tab: Tab): Promise<Unrest | undefined> {
  for (const reading of tab.readings.values()) {
    if (!reading.isOpen) continue
    const where = `${tab.name}, ${reading.name}`
    const { status } = reading.channel.continuity.get()
    if (status !== 'live') return unrest('silent', 'Q7', `${where}: is ${status}`)
    const head = formatPosition(await world.store.head(reading.name))
    const at = reading.at && formatPosition(reading.at)
    if (at !== head) return unrest('lost', 'Q1', `${where}: is at ${at}, the log at ${head}`)
    const found = unrestOfState(world, reading)
    if (found) return unrest(found.harm, found.rule, `${where}: ${found.message}`)
  }
  return undefined
}

/** [Q1] The view is the fold of the whole log, and nothing is left on top of it. */
function unrestOfState(world: World, { channel, name }: Reading): Unrest | undefined {
  if (!channel.ref.definition.state) return undefined
  const state = channel.state.get()
  if (!state) return unrest('lost', 'Q1', 'has no state')
  const { count = 0, chain = state.chain } = world.ledger.head(name) ?? {}
  if (state.count !== count || state.chain !== chain) {
    return unrest(
      'silent',
      'Q1',
      `shows a state of ${state.count} entries, which the log's ${count} do not come to`,
    )
  }
  if (state.pending.length > 0) return unrest('doubled', 'Q1', `still shows ${state.pending} as pending`)
  return undefined
}

/** [Q4] Who is present on a node is who is connected to it and has entered. */
function unrestOfPresence(world: World): Unrest | undefined {
  for (const node of world.nodes) {
    const connected = world.tabs.filter((tab) => nodeOf(world, tab) === node.name)
    for (const channel of world.shape.channels) {
      const there = connected.filter((tab) => [...tab.present].includes(channel)).map(publicName)
      const expected = there.sort().join(' ')
      const known = namesOf(node.hub.presence(channel).members)
      if (known !== expected)
        return unrest('silent', 'Q4', `${node.name} has [${known}] in ${channel}, where [${expected}] are`)
      for (const tab of connected) {
        const reading = tab.readings.get(channel)
        if (!reading?.isOpen) continue
        const { members, isComplete, total } = reading.channel.presence.get()
        const seen = namesOf(members)
        if (seen !== expected || !isComplete || total !== there.length) {
          return unrest('silent', 'Q4', `${tab.name} sees [${seen}] in ${channel}, where [${expected}] are`)
        }
      }
    }
  }
  return undefined
}

const namesOf = (members: readonly { readonly id: string }[]) =>
  members
    .map(({ id }) => id)
    .sort()
    .join(' ')

function publicName({ client }: Tab): string {
  const connection = client.connection.get()
  return connection.status === 'connected' ? connection.you : ''
}

function nodeOf(world: World, { name }: Tab): string | undefined {
  return world.network.destinationOf(name)
}

/** [Q2, Q3] Every write has its fate: it is in the log once, or was refused with a reason, or was lost in a way that was declared. */
export function checkFates(world: World): void {
  const { ledger, complain } = world
  for (const tab of world.allTabs) {
    for (const reading of tab.readings.values()) {
      for (const { n, publication } of reading.allWrites) {
        const status = publication.status.get()
        const copies = ledger.copies(reading.name, n).filter((copy) => ledger.isCurrent(copy)).length
        const where = `${tab.name}, ${reading.name}: write ${n}`
        if (status.name === 'accepted' && copies === 0 && ledger.upheavals(reading.name) === 0) {
          complain('lost', 'Q3', `${where} was acknowledged and is not in the log`)
        }
        // A right may end between a write and its repetition: then the refusal is of the repetition.
        if (status.name === 'refused' && copies > 0 && !tab.isClosed && status.error.code !== 'forbidden') {
          complain('silent', 'Q2', `${where} was refused, and is in the log`)
        }
      }
    }
  }
  for (const { channel, numbers, acknowledged } of world.backend.orders) {
    const missing = numbers.find((n) => !ledger.copies(channel, n).some((copy) => ledger.isCurrent(copy)))
    if (acknowledged && missing !== undefined && ledger.upheavals(channel) === 0) {
      complain('lost', 'Q3', `the backend's ${missing} was acknowledged in ${channel} and is not there`)
    }
  }
}

/** [Q5] What is closed leaves nothing behind. */
export function checkRemains(world: World): void {
  const { complain, network } = world
  for (const { name, machine, hintListeners } of world.allTabs) {
    if (machine.timers > 0) complain('silent', 'Q5', `${name} was closed and has ${machine.timers} timers`)
    if (hintListeners > 0) complain('silent', 'Q5', `${name} was closed and listens to its platform`)
  }
  for (const { name, machine, hub, access } of world.allNodes) {
    if (machine.isDead) continue
    if (machine.timers > 0) complain('silent', 'Q5', `${name} was closed and has ${machine.timers} timers`)
    if (access.attached > 0)
      complain('silent', 'Q5', `${name} was closed and listens to ${access.attached} channels`)
    const { connections, channels } = hub.census()
    if (connections + channels > 0)
      complain('silent', 'Q5', `${name} was closed and has ${connections} connections, ${channels} channels`)
  }
  if (network.open > 0) complain('silent', 'Q5', `${network.open} connections are left`)
}
