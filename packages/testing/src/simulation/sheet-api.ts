// The app's own API, which brings the states of sheets: it fails now and then, answers late, and what it has followed
// of the log may be a while ago, or lost since.

import type { Chance, Position } from '@tidings/core'
import { type Chained, emptyChain } from './contract.ts'
import type { Ledger } from './ledger.ts'

export interface SheetApiOptions {
  readonly ledger: Ledger
  readonly headOf: (channel: string) => Promise<Position>
}

/** Who asks: its chance decides, and what is said to it takes a moment. */
export interface SheetReader {
  readonly chance: Chance
  readonly soon: <T>(make: () => T | Promise<T>) => Promise<T>
}

interface Sheet {
  readonly state: Chained
  /** Undefined: that of the request. */
  readonly position?: Position
}

/** Of a hundred answers, how many are: a failure, read long before they arrive, by so many entries too old, read just now. */
const ANSWERS = { down: 15, late: 7, old: 5, new: 23 }

export class SheetApi {
  readonly #ledger: Ledger
  readonly #headOf: SheetApiOptions['headOf']

  constructor({ ledger, headOf }: SheetApiOptions) {
    this.#ledger = ledger
    this.#headOf = headOf
  }

  /** Half of the answers say for themselves where in the log they stand; the others are what they were asked for. */
  async load(channel: string, asked: Position, { chance, soon }: SheetReader): Promise<Sheet> {
    let lot = chance.fraction() * 100
    if (lot < ANSWERS.down) throw await soon(() => new Error('The API of the app is down.'))
    if ((lot -= ANSWERS.down) < ANSWERS.late) return this.#sheet(channel).then((sheet) => soon(() => sheet))
    if ((lot -= ANSWERS.late) < ANSWERS.old)
      return this.#sheet(channel, Math.ceil(lot)).then((sheet) => soon(() => sheet))
    if ((lot -= ANSWERS.old) < ANSWERS.new) return soon(() => this.#sheet(channel))
    const { state } = this.#stateAt(channel, asked)
    return soon(() => ({ state }))
  }

  async #sheet(channel: string, entriesAgo = 0): Promise<Sheet> {
    let position = await this.#headOf(channel)
    for (let i = 0; i < entriesAgo; i++)
      position = this.#ledger.at(channel, position)?.previous?.position ?? position
    return this.#stateAt(channel, position)
  }

  #stateAt(channel: string, position: Position): Sheet {
    const { count, chain } = this.#ledger.at(channel, position) ?? emptyChain
    return { state: { count, chain, pending: [] }, position }
  }
}
