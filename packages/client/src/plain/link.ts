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

export class PlainLink {
  readonly address: string
  /** Names of the channels that are heard through it. */
  readonly channels = new Set<string>()
  readonly #socket: Socket
  #state: 'opening' | 'open' | 'ready' | 'closed' = 'opening'
  #waiting: { readonly work: () => void; readonly failed: () => void }[] = []

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

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes
  }

  /** The server has admitted it: what waited for that is done. */
  admit(): void {
    this.#state = 'ready'
    for (const { work } of this.#waiting.splice(0)) work()
  }

  /** Works now, or once it is ready; `failed` is called where it never gets there. */
  whenReady(work: () => void, failed: () => void): void {
    if (this.isReady) work()
    else this.#waiting.push({ work, failed })
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
