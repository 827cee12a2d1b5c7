// One WebSocket to one endpoint of a plain server: open, admitted, and then what it is for.

import type { Socket, SocketHandlers } from '@tidings/core'

export interface LinkHandlers {
  received(link: PlainLink, text: string): void
  /** `wasReady`: it had worked before. */
  closed(
    link: PlainLink,
    how: { readonly code: number; readonly reason: string; readonly wasReady: boolean },
  ): void
  opened(link: PlainLink): void
}

interface Waiting {
  readonly work: () => void
  readonly failed: () => void
  /** The channel that it is to hear; undefined: something is to be said. */
  readonly channel?: string
}

export class PlainLink {
  readonly address: string
  /** Names of the channels that are heard through it. */
  readonly #channels = new Set<string>()
  readonly #socket: Socket
  #state: 'opening' | 'open' | 'ready' | 'closed' = 'opening'
  #waiting: Waiting[] = []

  constructor(address: string, open: (handlers: SocketHandlers) => Socket, owner: LinkHandlers) {
    this.address = address
    this.#socket = open({
      opened: () => {
        this.#state = 'open'
        owner.opened(this)
      },
      received: (text) => this.#state !== 'closed' && owner.received(this, text),
      drained: () => {},
      closed: (code, reason) => {
        if (this.#state === 'closed') return
        const wasReady = this.isReady
        this.#state = 'closed'
        owner.closed(this, { code, reason, wasReady })
        for (const { failed } of this.#waiting.splice(0)) failed()
      },
    })
  }

  get isReady(): boolean {
    return this.#state === 'ready'
  }

  /** Nobody hears anything through it, and nothing waits to be said. */
  get isIdle(): boolean {
    return this.#channels.size === 0 && this.#waiting.length === 0
  }

  get channels(): readonly string[] {
    return [...this.#channels]
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes
  }

  /** The server has admitted it: what waited for that is done. */
  admit(): void {
    this.#state = 'ready'
    for (const { work } of this.#waiting.splice(0)) work()
  }

  /** Hears the channel from now on, or from when it is ready; `failed` is called where it never gets there. */
  hear(channel: string, work: () => void, failed: () => void): void {
    this.leave(channel)
    this.#channels.add(channel)
    this.#whenReady({ work, failed, channel })
  }

  /** False: it did not hear it. */
  leave(channel: string): boolean {
    this.#waiting = this.#waiting.filter((waiting) => waiting.channel !== channel)
    return this.#channels.delete(channel)
  }

  /** As `hear`, for something that is to be said. */
  say(work: () => void, failed: () => void): void {
    this.#whenReady({ work, failed })
  }

  #whenReady(waiting: Waiting): void {
    if (this.isReady) waiting.work()
    else this.#waiting.push(waiting)
  }

  send(value: unknown): void {
    if (this.#state === 'open' || this.isReady) this.#socket.send(JSON.stringify(value))
  }

  close(code = 1000, reason = ''): void {
    this.#state = 'closed'
    this.#waiting = []
    this.#socket.close(code, reason)
  }
}
