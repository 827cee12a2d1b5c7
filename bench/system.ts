// What is measured: a server, and how the load speaks to it. Each system is one file in systems/. The server half runs
// in a process of its own; the wire half runs in the load and knows no more than texts to send and marks to look for.

export interface System {
  readonly title: string
  readonly runtime: 'node' | 'bun'
  /** Listens on a free port of 127.0.0.1. Everything that the system needs is imported here, not above. */
  serve(options: ServeOptions): Promise<Serving>
  readonly wire: Wire
}

/** What a measure may ask of Tidings beyond the defaults; the others have no such choice. */
export interface ServeOptions {
  readonly broker?: 'memory' | 'sqlite'
  /** Keep the tail short, so that whoever comes back is served from the broker. */
  readonly tailEntries?: number
}

export interface Serving {
  readonly port: number
  /** Ends everything but the process. */
  close(): Promise<void>
}

/** Says a text, where there is one, then waits until a mark has come. */
export interface Step {
  readonly say?: string
  readonly until: string
}

export interface Wire {
  readonly path: string
  /** Where a reader by server-sent events asks. */
  eventStream?(channel: string): { readonly path: string; readonly headers: readonly string[] }
  readonly subprotocol?: string
  /** From the upgrade to a live subscription. Without a channel: to the right to publish. */
  join(channel: string | undefined): readonly Step[]
  /** The same for somebody who was here before, by all that he was sent; absent where a system has no such thing. */
  rejoin?(channel: string, transcript: string): readonly Step[]
  /** `serial` counts up by one for each publish of this connection to this channel, from FIRST_SERIAL on. */
  publish(channel: string, serial: number, options: PublishOptions): string
  /** Several publishes of one moment as one message, where the protocol has that. */
  pack?(texts: readonly string[]): string
  /** Stands before the serial in an acknowledgement. */
  readonly ackMark: string
  signal(channel: string, text: string): string
}

export interface PublishOptions {
  readonly isAcked?: boolean | undefined
  /** Default: a sentence or two. */
  readonly body?: string | undefined
}

/** Serials have eight digits, so that a reader finds them without parsing. */
export const FIRST_SERIAL = 10_000_001

/** Stands before the serial in what subscribers get: in no envelope of any system. */
export const EVENT_MARK = '^'

const BODY = 'A module was completed, and everybody who looks at the dashboard sees it. '.repeat(2).trimEnd()

/** An event of some 200 bytes. */
export function eventData(serial: number, body = BODY): { readonly serial: string; readonly body: string } {
  return { serial: `${EVENT_MARK}${serial}`, body }
}
