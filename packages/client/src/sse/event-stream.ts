// Reads text/event-stream (HTML Living Standard, 9.2.6): chunks of text in, events out. No network.

export interface StreamEvent {
  readonly event: string
  readonly data: string
  /** The last id that the stream gave, this event's or an earlier one's; empty before the first. */
  readonly id: string
}

/** The longest line, and the most data of an event, in UTF-16 units: more than the server's body limit (256 KB) needs. */
const MAX_LENGTH = 4_194_304

export class EventStreamReader {
  #rest = ''
  #event = ''
  #data: string[] = []
  #dataLength = 0
  #id = ''
  #lastId = ''
  #retryMs: number | undefined
  #isFirst = true

  /** Where to go on from: the last id that a blank line has confirmed, of an event or without one. Empty before it. */
  get lastId(): string {
    return this.#lastId
  }

  /** How long the server wants a reader to wait before it comes back. */
  get retryMs(): number | undefined {
    return this.#retryMs
  }

  /** The events that `chunk` completes. Throws when a line or an event is longer than any sane server sends. */
  push(chunk: string): StreamEvent[] {
    const text = this.#isFirst ? chunk.replace(/^\uFEFF/, '') : chunk
    if (chunk !== '') this.#isFirst = false
    this.#rest += text
    // What comes in small pieces is looked at once, when its line ends.
    if (!text.includes('\n')) {
      if (this.#rest.length > MAX_LENGTH) throw tooLong('a line')
      return []
    }
    const lines = this.#rest.split('\n')
    this.#rest = lines.pop() ?? ''
    const events: StreamEvent[] = []
    for (const line of lines) {
      const event = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line)
      if (event) events.push(event)
    }
    return events
  }

  #line(line: string): StreamEvent | undefined {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#addData(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.#retryMs = Number(value)
    return undefined
  }

  #addData(value: string): void {
    this.#data.push(value)
    // An empty line takes room as well.
    this.#dataLength += value.length + 1
    if (this.#dataLength > MAX_LENGTH) throw tooLong('an event')
  }

  #dispatch(): StreamEvent | undefined {
    this.#lastId = this.#id
    const event =
      this.#data.length > 0
        ? { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id }
        : undefined
    this.#event = ''
    this.#data = []
    this.#dataLength = 0
    return event
  }
}

const tooLong = (what: string) =>
  new RangeError(`The stream sent ${what} of more than ${MAX_LENGTH} characters.`)
