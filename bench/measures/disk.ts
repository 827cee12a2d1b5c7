// Publish and acknowledge on SQLite: the broker beside SQLite itself, and the whole server with clients.

import { fileURLToPath } from 'node:url'
import { Child } from '../processes/child.ts'
import type { DiskRates } from '../processes/disk.ts'
import { Pair } from '../processes/pair.ts'
import { atLeast, type Plan, type Row } from './measure.ts'
import { figuresOf } from './statistics.ts'
import { inSlices } from './turns.ts'

const PROGRAM = fileURLToPath(new URL('../processes/disk.ts', import.meta.url))
const CLIENTS = 100

export async function onDisk(plan: Plan): Promise<Row[]> {
  return [...(await besideSqlite(plan)), ...(await throughTheServer(plan))]
}

async function besideSqlite(plan: Plan): Promise<Row[]> {
  const child = new Child('log on disk', [process.execPath, '--conditions=@tidings/source', PROGRAM])
  const rows: Row[] = []
  try {
    for (const batch of [1, 16, 256]) {
      const values = new Map<string, number[]>([
        ['sqlite', []],
        ['tidings', []],
      ])
      for (let round = 0; round <= plan.rounds; round++) {
        const rates = await child.ask<DiskRates>('slice', { batch, forMs: plan.sliceMs })
        if (round === 0) continue
        values.get('sqlite')?.push(rates.sqlite)
        values.get('tidings')?.push(rates.tidings)
      }
      rows.push({
        id: `disk-${batch}`,
        title: `Append on SQLite, ${batch} at a time`,
        unit: 'entries a second',
        baseline: 'sqlite',
        goal: atLeast(0.7),
        figures: figuresOf(values, 'sqlite'),
        note: `SQLite itself, through node:sqlite with a row for each entry and the same pragmas: ${Math.round(figuresOf(values, 'sqlite').sqlite?.value ?? 0).toLocaleString('en')} entries a second, without identities and their receipts.`,
      })
    }
    return rows
  } finally {
    await child.end()
  }
}

/** Beside Socket.IO, which acknowledges without having kept anything. */
async function throughTheServer(plan: Plan): Promise<Row[]> {
  const pairs = [await Pair.start('socket.io'), await Pair.start('tidings', { broker: 'sqlite' })]
  try {
    const rows: Row[] = []
    for (const inFlight of [1, 16]) {
      const figures = await inSlices(pairs, plan, async (pair) => {
        const { result, cpuMs } = await pair.measure<number>('call', {
          ...{ clients: CLIENTS, inFlight, forMs: plan.sliceMs },
        })
        return (result / cpuMs) * 1_000
      })
      rows.push({
        id: `publish-disk-${inFlight}`,
        title: `Publish and acknowledge, ${inFlight} under way, on disk before it`,
        unit: 'acknowledgements per CPU-second',
        baseline: 'socket.io',
        figures,
      })
    }
    return rows
  } finally {
    await Promise.all(pairs.map((pair) => pair.end()))
  }
}
