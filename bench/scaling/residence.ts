// What being there costs: memory of connections, subscriptions and channels; the CPU of connecting while few or many
// are there; the CPU of a sign of life; and what the kernel keeps for a socket.

import { readFileSync } from 'node:fs'
import { medianOf } from '../measures/statistics.ts'
import { withPairs } from '../measures/turns.ts'
import type { Pair } from '../processes/pair.ts'
import type { Sample } from './fit.ts'

export const MEMORY_PARTS = ['connection', 'subscription', 'channel'] as const

export interface Arrivals {
  /** How many were connected already. */
  readonly present: number
  readonly cpuMicroseconds: number
}

/** What so many connections with one subscription each added. */
export interface Resident {
  readonly connections: number
  readonly heapBytes: number
  readonly rssBytes: number
}

export interface Residence {
  /** Of the heap, which is exact after a collection; what the process takes grows in steps. */
  readonly memory: readonly Sample[]
  readonly resident: readonly Resident[]
  readonly arrivals: readonly Arrivals[]
  /** CPU microseconds of a ping and its pong. */
  readonly beat: number
  /** Bytes of the kernel's slabs for one end of an idle connection; undefined where the kernel does not say. */
  readonly kernelBytes: number | undefined
}

const WARM_UP = 500
/** Connections that come before the others are counted. */
const FIRST = 1_000

export async function residence(): Promise<Residence> {
  const memory: Sample[] = []
  for (const [count, subscriptions, isShared] of [
    [500, 8, true],
    [500, 32, true],
    [500, 100, true],
    [500, 1, false],
    [500, 8, false],
    [500, 32, false],
  ] as const) {
    await withPairs(['tidings'], async ([pair]) => {
      if (!pair) return
      memory.push(await grown(pair, { count, subscriptions, isShared }))
    })
  }
  const resident: Resident[] = []
  const arrivals: Arrivals[] = []
  let beat = Number.NaN
  let kernelBytes: number | undefined
  await withPairs(['tidings'], async ([pair]) => {
    if (!pair) return
    await warm(pair)
    arrivals.push({ present: WARM_UP, cpuMicroseconds: await connecting(pair) })
    // What came and went a moment ago is let go of while these come.
    await pair.ask('settle', { count: FIRST, subscriptions: 1, isShared: true })
    const before = await pair.settledUsage()
    const slabBefore = slabBytes()
    let present = 0
    for (const count of [1_000, 2_000, 4_000]) {
      await pair.ask('settle', { count, subscriptions: 1, isShared: true })
      present += count
      const after = await pair.settledUsage()
      const heapBytes = after.heapBytes - before.heapBytes
      resident.push({ connections: present, heapBytes, rssBytes: after.rssBytes - before.rssBytes })
      memory.push({
        title: `${present.toLocaleString('en')} connections, 1 subscription each, shared channels`,
        parts: { connection: present, subscription: present, channel: 0 },
        measured: heapBytes,
      })
      if (present === 1_000 || present === 7_000)
        arrivals.push({ present: WARM_UP + FIRST + present, cpuMicroseconds: await connecting(pair) })
    }
    const slabAfter = slabBytes()
    // Both ends are on this machine.
    if (slabBefore && slabAfter) kernelBytes = (slabAfter - slabBefore) / 2 / present
    const beats: number[] = []
    for (let round = 0; round < 4; round++) {
      const { result, cpuMs } = await pair.measure<number>('beat')
      if (round > 0) beats.push((cpuMs * 1_000) / result)
    }
    beat = medianOf(beats)
  })
  return { memory, resident, arrivals, beat, kernelBytes }
}

const warm = (pair: Pair) => pair.ask('settle', { count: WARM_UP, subscriptions: 1, isShared: true })

async function grown(
  pair: Pair,
  shape: { readonly count: number; readonly subscriptions: number; readonly isShared: boolean },
): Promise<Sample> {
  const { count, subscriptions, isShared } = shape
  await warm(pair)
  const before = await pair.settledUsage()
  await pair.ask('settle', shape)
  const after = await pair.settledUsage()
  const whose = isShared ? 'shared channels' : 'channels of its own'
  const plural = subscriptions === 1 ? 'subscription' : 'subscriptions'
  return {
    title: `${count} connections, ${subscriptions} ${plural} each, ${whose}`,
    parts: {
      connection: count,
      subscription: count * subscriptions,
      channel: isShared ? 0 : count * subscriptions,
    },
    measured: after.heapBytes - before.heapBytes,
  }
}

async function connecting(pair: Pair): Promise<number> {
  const costs: number[] = []
  for (let round = 0; round < 4; round++) {
    const { result, cpuMs } = await pair.measure<number>('dial', { forMs: 500 })
    if (round > 0) costs.push((cpuMs * 1_000) / result)
  }
  return medianOf(costs)
}

function slabBytes(): number | undefined {
  if (process.platform !== 'linux') return undefined
  const [, kilobytes] = readFileSync('/proc/meminfo', 'utf8').match(/^Slab:\s+(\d+) kB/m) ?? []
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024
}
