// One HTTP request and its answer as values: the resources know nothing of the platform's server, which node.ts joins
// them to.

export interface HttpRequest {
  readonly method: string
  /** As it came, percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** It came over TLS that ends in this process. */
  readonly isSecure: boolean
  /** The peer's network address. */
  readonly address: string
  /** The part of it that limits count by. */
  readonly addressGroup: string
  /** `name` in lower case. */
  header(name: string): string | undefined
  /** The whole body. Rejects with `too-large`, `request-timeout`, `unsupported-media-type` or `bad-request`. */
  text(): Promise<string>
}

export type Headers = Readonly<Record<string, string>>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** An answer that goes on until either side ends it. */
export interface StreamAnswer {
  readonly status: 200
  readonly headers: Headers
  /** Called once, when the head of the answer has been written. */
  open(sink: StreamSink): StreamHandlers
  /** Called instead of `open` when nobody is there any more to read it. */
  abandon(): void
}

export interface StreamSink {
  /** `flushed` is called when the network has taken it. */
  write(text: string, flushed?: () => void): void
  /** Bytes that were written and that the network has not taken. */
  readonly bufferedBytes: number
  /** More has been written than the peer takes: `drained` follows when it has caught up. */
  readonly isFull: boolean
  end(): void
  /** Ends at once, whatever is still unsent. */
  destroy(): void
}

export interface StreamHandlers {
  drained(): void
  /** The peer is gone, or the stream has ended; nothing is called after it. */
  closed(): void
}

export function isStream(answer: Answer | StreamAnswer): answer is StreamAnswer {
  return 'open' in answer
}

/** An answer of JSON text. Nothing that this server says may be cached: it is about now. */
export function jsonAnswer(status: number, body: string, headers: Headers = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body,
  }
}
