// Who is told about the new entries of which channel. A listener that throws is reported and hurts nobody (BR7).

import { type Cancel, Emitter } from '@tidings/core'
import type { BrokerListener, StoredEntry } from '../broker.ts'

export class Listeners {
  readonly #channels = new Map<string, Emitter<Parameters<BrokerListener>>>()
  readonly #report: (error: unknown) => void

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  attach(channel: string, listener: BrokerListener): Cancel {
    let emitter = this.#channels.get(channel)
    if (!emitter) this.#channels.set(channel, (emitter = new Emitter(this.#report)))
    const cancel = emitter.on(listener)
    return () => {
      cancel()
      if (emitter.size === 0 && this.#channels.get(channel) === emitter) this.#channels.delete(channel)
    }
  }

  has(channel: string): boolean {
    return this.#channels.has(channel)
  }

  tell(channel: string, epoch: string, entries: readonly StoredEntry[]): void {
    this.#channels.get(channel)?.emit(epoch, entries)
  }

  clear(): void {
    this.#channels.clear()
  }
}
