// Two linked sockets without a network. What one end sends waits in a queue until the test lets it through, so a test
// decides what arrives, when, and what never does.

import type { Socket, SocketHandlers } from '../socket.ts'

interface Message {
  readonly text: string
}

class End implements Socket {
  readonly sent: Message[] = []
  handlers: SocketHandlers | undefined
  peer!: End
  isOpen = true
  closing: { readonly code: number; readonly reason: string } | undefined

  get bufferedBytes(): number {
    return this.sent.reduce((bytes, { text }) => bytes + text.length, 0)
  }

  send(text: string): void {
    if (this.isOpen && !this.closing) this.sent.push({ text })
  }

  close(code: number, reason: string): void {
    if (this.isOpen) this.closing ??= { code, reason }
  }

  /** Hands up to `most` waiting messages to the other end; says whether anything moved. */
  deliver(most: number): boolean {
    let moved = false
    for (let i = 0; i < most && this.sent.length > 0; i++) {
      const { text } = this.sent.shift() as Message
      moved = true
      if (this.peer.isOpen) this.peer.handlers?.received(text)
    }
    if (moved && this.sent.length === 0 && this.isOpen && !this.closing) this.handlers?.drained()
    if (this.closing && this.sent.length === 0 && this.isOpen) {
      const { code, reason } = this.closing
      this.peer.end(code, reason)
      this.end(code, reason)
      moved = true
    }
    return moved
  }

  end(code: number, reason: string): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.sent.length = 0
    this.handlers?.closed(code, reason)
  }
}

export interface SocketPair {
  readonly client: Socket
  readonly server: Socket
  /** Gives both ends their handlers and tells both that they are open. */
  link(client: SocketHandlers, server: SocketHandlers): void
  /** Delivers what waits in both directions, and what that causes, until nothing is left to deliver. */
  flush(): void
  /** Delivers at most `most` messages in one direction. */
  flushTo(end: 'client' | 'server', most?: number): boolean
  /** Messages that wait to reach that end. */
  waitingFor(end: 'client' | 'server'): readonly string[]
  /** Both ends see the connection end without a handshake; what was under way is lost. */
  cut(): void
  /** Only that end sees it; the other goes on believing. */
  cutFor(end: 'client' | 'server'): void
  readonly isOpen: boolean
}

export function socketPair(): SocketPair {
  const client = new End()
  const server = new End()
  client.peer = server
  server.peer = client
  const sender = (end: 'client' | 'server') => (end === 'client' ? server : client)
  return {
    client,
    server,
    link(clientHandlers, serverHandlers) {
      client.handlers = clientHandlers
      server.handlers = serverHandlers
      serverHandlers.opened()
      clientHandlers.opened()
    },
    flush() {
      while (client.deliver(Number.POSITIVE_INFINITY) || server.deliver(Number.POSITIVE_INFINITY));
    },
    flushTo: (end, most = Number.POSITIVE_INFINITY) => sender(end).deliver(most),
    waitingFor: (end) => sender(end).sent.map(({ text }) => text),
    cut() {
      client.end(1006, '')
      server.end(1006, '')
    },
    cutFor: (end) => (end === 'client' ? client : server).end(1006, ''),
    get isOpen() {
      return client.isOpen && server.isOpen
    },
  }
}
