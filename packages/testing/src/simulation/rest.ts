// The world at rest: after everything was made well, what has to come true in a bounded time, and what has to be left
// behind once everything is closed.

import { formatPosition } from '@tidings/core'
import type { Browser } from './browser.ts'
import type { Reading } from './reading.ts'
import { unrestOfDisk } from './stored.ts'
import type { Tab } from './tab.ts'
import type { Complain, Harm, Unrest } from './violation.ts'
import type { World } from './world.ts'

const unrest = (harm: Harm, rule: string, message: string): Unrest => ({ harm, rule, message })

/** What keeps the world from being at rest; undefined when it is. */
export async function unrestOf(world: World): Promise<Unrest | undefined> {
  const down = world.nodes.find((node) => !node.isRunning || node.hub.isDraining)
  if (down) return unrest('silent', 'Q7', `${down.name} does not run`)
  const closed = world.tabs.find((tab) => tab.isClosed)
  if (closed) return unrest('silent', 'Q7', `${closed.name} has not been opened again`)
  if (!world.backend.isIdle)
    return unrest('silent', 'Q7', 'a backend has not got all its writes into the log')
  const lanes = unrestOfLanes(world)
  if (lanes) return lanes
  for (const browser of new Set(world.browsers)) {
    const found = unrestOfBrowser(world, browser) ?? unrestOfDisk(world, browser)
    if (found) return found
  }
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

/** [Q5] Who is gone has no lane any more. */
function unrestOfLanes({ nodes, tabs }: World): Unrest | undefined {
  const lanes = nodes.reduce((sum, { hub }) => sum + hub.census().lanes, 0)
  const connected = tabs.filter((tab) => tab.browser.isShared && tab.isOnline).length
  return lanes > connected ? unrest('silent', 'Q5', `${connected} tabs have ${lanes} lanes`) : undefined
}

/** [Q7] All tabs of a browser have one connection, and one of them has it. */
function unrestOfBrowser(world: World, browser: Browser): Unrest | undefined {
  if (!browser.isShared) return undefined
  const tabs = world.tabs.filter((tab) => tab.browser === browser)
  const holders = tabs.filter(({ isHolder }) => isHolder)
  const links = tabs.flatMap(({ name }) => world.network.links({ caller: name }))
  if (holders.length > 1 || links.length > 1)
    return unrest(
      'silent',
      'Q7',
      `${browser.name} has ${links.length} connections, of ${holders.length} tabs`,
    )
  return undefined
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

/** [Q4][PR1] Who is present on a node is who is connected to it and has entered, each name once. */
function unrestOfPresence(world: World): Unrest | undefined {
  for (const node of world.nodes) {
    const connected = world.tabs.filter((tab) => world.surveillance.nodeOf(publicName(tab)) === node.name)
    for (const channel of world.shape.channels) {
      const tabs = connected.filter((tab) => [...tab.present].includes(channel))
      const there = world.shape.disk?.isExclusive === false ? namesOnce(tabs) : tabs.map(publicName)
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

/** A page that slept may have lost its record to another one, and goes by the same name until it writes [OB5]. */
const namesOnce = (tabs: readonly Tab[]) => [...new Set(tabs.map(publicName))]

function publicName({ client }: Tab): string {
  const connection = client.connection.get()
  return connection.status === 'connected' ? connection.you : ''
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
        // One that another page has taken over is the other's to tell of, also where this one cleared it unknowing [OB10].
        const codes = ['forbidden', 'fenced', ...(tab.hasLostRecord ? ['bad-request'] : [])]
        const mayBeThere = status.name === 'refused' && codes.includes(status.error.code)
        if (status.name === 'refused' && copies > 0 && !tab.isClosed && !mayBeThere) {
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

function checkBrowser({ name, locks, broadcast }: Browser, complain: Complain): void {
  if (locks.held.length + locks.waiting > 0)
    complain(
      'silent',
      'Q5',
      `${name} was closed and has locks: ${locks.held}; ${locks.waiting} are waited for`,
    )
  if (broadcast.openEnds > 0)
    complain('silent', 'Q5', `${name} was closed and listens to ${broadcast.openEnds} channels`)
}

/** [Q5] What is closed leaves nothing behind. */
export function checkRemains(world: World): void {
  const { complain, network } = world
  for (const browser of new Set(world.browsers)) checkBrowser(browser, complain)
  for (const { name, machine, hintListeners } of world.allTabs) {
    // What a page was that is gone holds nobody.
    if (machine.isDead) continue
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
