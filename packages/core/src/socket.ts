// The port between the protocol and whatever carries text both ways. Adapters live at the rim; the pair in
// testing/ links two ends without a network.

export interface Socket {
  /**
   * Queues one text message. After `close`, and after the peer is gone, it does nothing. `isShared`: others are sent the
   * same text, so it may be worth to make something of it once for all of them.
   */
  send(text: string, isShared?: boolean): void
  /** Starts the closing handshake; `closed` follows. `code` is 1000 or 3000–4999, `reason` at most 123 bytes. */
  close(code: number, reason: string): void
  /** Bytes accepted by `send` that have not left this process. */
  readonly bufferedBytes: number
}

/** What an end does about its socket. Nothing is called after `closed`. */
export interface SocketHandlers {
  opened(): void
  received(text: string): void
  /** `bufferedBytes` has fallen to zero after having been above it. */
  drained(): void
  /** 1006 stands for a connection that ended without a closing handshake, or never came to be. */
  closed(code: number, reason: string): void
}
