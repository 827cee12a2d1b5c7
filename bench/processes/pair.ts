// One system under load: its server and the load on it, each in a process of its own, and what the server used meanwhile.

import { fileURLToPath } from 'node:url'
import { bunPath } from '../peers.ts'
import type { ServeOptions } from '../system.ts'
import { type SystemName, systems } from '../systems/all.ts'
import { Child } from './child.ts'
import type { Usage } from './server.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

export interface Measured<Result> {
  readonly result: Result
  readonly cpuMs: number
  readonly wallMs: number
}

export class Pair {
  readonly name: SystemName
  readonly #server: Child
  readonly #load: Child

  static async start(name: SystemName, options: ServeOptions = {}): Promise<Pair> {
    const nodeArgs = ['--conditions=@tidings/source', '--expose-gc']
    const program =
      systems[name].runtime === 'bun' ? [bunPath()] : [process.execPath, ...nodeArgs, ...profileArgs(name)]
    const server = new Child(`server of ${name}`, [
      ...program,
      here('./server.ts'),
      name,
      JSON.stringify(options),
    ])
    const load = new Child(`load on ${name}`, [process.execPath, ...nodeArgs, here('./load.ts'), name])
    const pair = new Pair(name, server, load)
    await load.ask('aim', { port: await server.ask<number>('port') })
    return pair
  }

  private constructor(name: SystemName, server: Child, load: Child) {
    this.name = name
    this.#server = server
    this.#load = load
  }

  ask<Result>(command: string, args: object = {}): Promise<Result> {
    return this.#load.ask<Result>(command, args)
  }

  usage(): Promise<Usage> {
    return this.#server.ask<Usage>('usage')
  }

  settledUsage(): Promise<Usage> {
    return this.#server.ask<Usage>('settledUsage')
  }

  /** What a command of the load costs the server. */
  async measure<Result>(command: string, args: object = {}): Promise<Measured<Result>> {
    const before = await this.usage()
    const beganAt = performance.now()
    const result = await this.#load.ask<Result>(command, args)
    const wallMs = performance.now() - beganAt
    const after = await this.usage()
    return { result, cpuMs: after.cpuMs - before.cpuMs, wallMs }
  }

  async end(): Promise<void> {
    await Promise.all([this.#load.end(), this.#server.end()])
  }
}

/** `BENCH_PROFILE=folder` leaves a CPU profile of every server of Tidings there. */
function profileArgs(name: SystemName): string[] {
  const folder = process.env.BENCH_PROFILE
  return folder && name === 'tidings' ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []
}
