// A process that appends to the log of its first argument until it dies: four producers, three writes of each under way.
// Prints a line for every acknowledged one: producer, number, offset, ok. A refused write is tried again.

import { setTimeout as wait } from 'node:timers/promises'
import { TidingsError } from '@tidings/core'
import { sqliteBroker } from '@tidings/server/sqlite'

const [file = '', from = '0'] = process.argv.slice(2)
const broker = await sqliteBroker({ file })

async function write(producer: string, sequence: number): Promise<void> {
  for (;;) {
    try {
      const outcome = await broker.append({
        channel: `c${sequence % 3}`,
        drafts: [{ event: 'said', data: JSON.stringify(`${producer} ${sequence} ${'x'.repeat(200)}`) }],
        identity: { kind: 'producer', producer, epoch: 0, sequence, previous: -1 },
        keep: { entries: 1_000_000, sinceSnapshot: false },
      })
      if (!('firstOffset' in outcome))
        throw new Error(`${producer} ${sequence} came out as ${outcome.outcome}`)
      return void process.stdout.write(`${producer} ${sequence} ${outcome.firstOffset} ok\n`)
    } catch (error) {
      if (!(error instanceof TidingsError) || error.code !== 'unavailable') throw error
      process.stdout.write(`refused ${error.message}\n`)
      await wait(20)
    }
  }
}

// Numbers that are three apart go to the same channel, so those of one producer stay in order there.
async function lane(producer: string, first: number): Promise<void> {
  for (let sequence = first; ; sequence += 3) await write(producer, sequence)
}

for (const producer of ['p', 'q', 'r', 's']) {
  for (let i = 0; i < 3; i++) void lane(producer, Number(from) + i)
}
