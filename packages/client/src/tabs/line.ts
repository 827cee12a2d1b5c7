// A lane by way of the tab that holds the connection: this tab's end of the line between the two.

import { MOVED } from '../ports.ts'
import type { Lane, LaneHandlers } from './lane.ts'
import { type Call, readDownward, type Unsent, type Upward } from './messages.ts'
import type { Broadcast } from './ports.ts'

export interface LineOptions {
  readonly name: string
  /** This tab. */
  readonly tab: string
  /** The names of all lines that this tab has. */
  readonly lines: () => readonly string[]
  readonly open: (hear: (message: unknown) => void) => Broadcast
  readonly handlers: LaneHandlers
  /** Tells all tabs, and with them the one that holds the connection. */
  readonly call: (call: Call) => void
  /** A holder takes it up; false: it is one of the past. */
  readonly onTaken: (holder: string, term: number) => boolean
  readonly onHeard: () => void
  readonly onSaid: () => void
}

export class Line implements Lane {
  readonly name: string
  /** Who has taken it up. */
  holder: string | undefined
  readonly #options: LineOptions
  readonly #channel: Broadcast
  #sent = 0
  #received = 0
  #isOver = false

  constructor(options: LineOptions) {
    this.#options = options
    this.name = options.name
    this.#channel = options.open((message) => this.#hear(message))
    this.dial()
  }

  /** Asks whoever holds the connection to take it up: again, when there is a new one. */
  dial(): void {
    const { name: line, tab, lines, call } = this.#options
    call({ type: 'dial', tab, line, lines: [...lines(), line].join(' ') })
  }

  send(text: string): void {
    this.#post({ type: 'said', text })
    this.#options.onSaid()
  }

  read(mark: number): void {
    this.#post({ type: 'read', mark })
  }

  close(): void {
    if (this.#isOver) return
    if (this.holder === undefined) this.#options.call({ type: 'forget', line: this.#options.name })
    else this.#post({ type: 'left' })
    this.#finish()
  }

  #hear(data: unknown): void {
    const message = readDownward(data)
    if (!message || this.#isOver) return
    const { handlers, onTaken, onHeard } = this.#options
    const { type, holder } = message
    if (this.holder === undefined && type === 'taken' && onTaken(holder, message.term)) this.holder = holder
    if (message.holder !== this.holder) return
    onHeard()
    // Something on the way is lost, and with it perhaps an answer that would be waited for in vain.
    if (message.number !== ++this.#received) return this.#end(MOVED, '')
    switch (message.type) {
      case 'taken':
        return
      case 'opened':
        return handlers.opened()
      case 'heard':
        return handlers.received(message.text, message.mark)
      case 'over':
        this.#finish()
        return handlers.closed(message.code, message.reason)
    }
  }

  #end(code: number, reason: string): void {
    this.close()
    this.#options.handlers.closed(code, reason)
  }

  #post(message: Unsent<Upward>): void {
    if (this.holder === undefined || this.#isOver) return
    this.#channel.postMessage({ ...message, to: this.holder, number: ++this.#sent })
  }

  #finish(): void {
    this.#isOver = true
    this.#channel.close()
  }
}
