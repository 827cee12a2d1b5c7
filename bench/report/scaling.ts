// What a run with `--scaling` leaves behind: the samples as JSON, and the tables of docs/scaling.md.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defaultLimits } from '@tidings/server'
import type { Scaling } from '../scaling/all.ts'
import { costOf, residualOf, type Sample } from '../scaling/fit.ts'
import { capacityTables } from './capacity.ts'
import { grid, machine, writeFigures } from './page.ts'
import { readings } from './readings.ts'
import { short } from './table.ts'

const RESULTS = fileURLToPath(new URL('../scaling.json', import.meta.url))

export function keepScaling(scaling: Scaling): void {
  writeFileSync(RESULTS, `${JSON.stringify({ machine, ...scaling }, null, 2)}\n`)
  writeFigures('scaling.md', scalingFigures(scaling))
}

export function scalingFigures(scaling: Scaling): string {
  const { traffic, beyond, memory, entering } = scaling
  return [
    `Measured on ${machine}.`,
    '### What each thing costs',
    costTable(scaling),
    readings(scaling),
    '### The fits, sample by sample',
    'CPU of one event, in µs:',
    samplesTable(traffic.samples, traffic.costs),
    'The same beyond what was fitted, beside what the fit says:',
    samplesTable(beyond, traffic.costs),
    'Memory of the heap after garbage collection, buffers included, in kB:',
    samplesTable(memory.samples, memory.costs, 1_000),
    'What the process takes for that, with one subscription each:',
    residentTable(scaling),
    'CPU of people who enter a channel and watch it, in ms, connecting included:',
    samplesTable(entering.samples, entering.costs, 1_000),
    capacityTables(scaling, defaultLimits.heartbeatMs),
  ].join('\n\n')
}

function costTable(scaling: Scaling): string {
  const { traffic, memory, entering, arrivals, acknowledging, beatMicroseconds, kernelBytes } = scaling
  const micro = (value: number | undefined) => `${short(value ?? Number.NaN)} µs`
  const bytes = (value: number | undefined) => `${short(value ?? Number.NaN)} bytes`
  const lines = [
    ['an event that is published', micro(traffic.costs.publish)],
    ['a message that brings events, with the turn of the loop that it starts', micro(traffic.costs.turn)],
    ['a write: each reader, once for what leaves in one turn', micro(traffic.costs.write)],
    ['a kB of data published', micro(traffic.costs.kBIn)],
    ['a kB of data delivered', micro(traffic.costs.kBOut)],
    ...acknowledging.map(({ broker, inFlight, cpuMicroseconds, perSecond }) => [
      `a publish acknowledged to a client, log ${broker === 'memory' ? 'in memory' : 'on SQLite'}, ${inFlight} under way of each of 100 clients`,
      `${micro(cpuMicroseconds)}; ${short(perSecond)} a second`,
    ]),
    ...arrivals.map(({ present, cpuMicroseconds }) => [
      `connect, hello, subscribe, be cut, beside ${present.toLocaleString('en')} connections`,
      micro(cpuMicroseconds),
    ]),
    ['a ping and its pong', micro(beatMicroseconds)],
    ['heap of a connection', bytes(memory.costs.connection)],
    ['heap of a subscription', bytes(memory.costs.subscription)],
    ['heap of an open channel without events', bytes(memory.costs.channel)],
    ...(kernelBytes === undefined
      ? []
      : [['the kernel’s memory of an idle socket (slabs, not in the process)', bytes(kernelBytes)]]),
    ['a person who enters a channel of presence', micro(entering.costs.person)],
    ['each pair of people in it, one told of the other', micro(entering.costs.pair)],
  ]
  return grid(['what', 'cost'], lines)
}

function residentTable({ resident }: Scaling): string {
  return grid(
    ['connections', 'heap of each', 'resident memory of each'],
    resident.map(({ connections, heapBytes, rssBytes }) => [
      connections.toLocaleString('en'),
      `${short(heapBytes / connections)} bytes`,
      `${short(rssBytes / connections)} bytes`,
    ]),
  )
}

function samplesTable(samples: readonly Sample[], costs: Readonly<Record<string, number>>, unit = 1): string {
  return grid(
    ['sample', 'measured', 'fit', 'off by'],
    samples.map((sample) => [
      sample.title,
      short(sample.measured / unit),
      short(costOf(sample.parts, costs) / unit),
      percent(residualOf(sample, costs)),
    ]),
  )
}

function percent(part: number): string {
  const rounded = Math.round(part * 100)
  return `${rounded > 0 ? '+' : rounded < 0 ? '−' : ''}${Math.abs(rounded)} %`
}
