// Looks at every message between clients and nodes: keeps the trace, taps what the servers say, measures buffers, and
// lets a planted bug change what is said. On a connection that several tabs share, each lane has a tap of its own.

import type { ClientFrame, ServerFrame } from '@tidings/core'
import type { Limits } from '@tidings/server'
import type { Authors } from './authors.ts'
import type { Ledger } from './ledger.ts'
import type { Link, Side } from './link.ts'
import type { Watch } from './network.ts'
import type { Rights } from './rights.ts'
import type { Rewrite, Seams } from './seams.ts'
import type { Trace } from './trace.ts'
import type { Complain } from './violation.ts'
import { Wiretap } from './wiretap.ts'

export interface SurveillanceOptions {
  readonly ledger: Ledger
  readonly trace: Trace
  readonly rights: Rights
  readonly limits: Limits
  readonly complain: Complain
  readonly now: () => number
  readonly authors: Authors
  readonly seams: Seams
}

type Frame = ClientFrame | ServerFrame
type Envelope = Extract<ServerFrame, { readonly type: 'lane' }>

/** A connection of one client: a link, or a lane on one. */
interface Session {
  readonly tap: Wiretap
  readonly rewrite: Rewrite | undefined
  /** The client has left; what was under way to it is not heard any more. */
  isOver: boolean
}

interface Line {
  readonly link: Link
  readonly caller: string
  readonly node: string
  /** By the numbers of their lanes; 0: the connection is one client's. */
  readonly sessions: Map<number, Session>
  /** [LN1] Its first frame was a lane's: it is nobody's alone, also when its last lane is closed. */
  isCarrier: boolean
  /** Lanes that were open at the same time, at the most. */
  shares: number
}

export class Surveillance implements Watch {
  readonly #options: SurveillanceOptions
  readonly #lines = new Map<Link, Line>()

  constructor(options: SurveillanceOptions) {
    this.#options = options
  }

  opened(link: Link, caller: string, node: string): void {
    this.#lines.set(link, { link, caller, node, sessions: new Map(), isCarrier: false, shares: 1 })
    this.#options.trace.note(link.name, `to ${node}`)
  }

  sent(link: Link, from: Side, text: string): readonly string[] {
    const line = this.#lines.get(link)
    if (!line) return [text]
    const texts = this.#options.seams.rewrite ? this.#rewrite(line, from, text) : [text]
    if (from === 'client') return texts
    for (const said of texts) this.#listen(line, from, said)
    this.#measure(line, text)
    return texts
  }

  arriving(link: Link, to: Side, text: string): void {
    this.#options.trace.note(link.name, to === 'server' ? '→ ' : '← ', text)
    const line = to === 'server' && this.#lines.get(link)
    if (line) this.#listen(line, 'client', text)
  }

  ended(link: Link, side: Side): void {
    this.#options.trace.note(link.name, `over for the ${side}`)
    if (link.isOver) this.#lines.delete(link)
  }

  /** [A6] From here on nothing may be told to this person on that node. */
  revoked(person: string, node: string): void {
    for (const line of this.#lines.values()) {
      if (line.node === node) for (const { tap } of line.sessions.values()) tap.revoke(person)
    }
  }

  /** The node to which the client of this name is connected, as both of them believe. */
  nodeOf(you: string): string | undefined {
    for (const { link, node, sessions } of this.#lines.values()) {
      if (!link.client.isOpen || !link.server.isOpen) continue
      for (const { tap, isOver } of sessions.values()) if (!isOver && tap.you === you) return node
    }
    return undefined
  }

  #listen(line: Line, from: Side, text: string): void {
    for (const frame of framesOf(text) as Frame[]) {
      if (frame.type === 'lane') this.#hear(line, frame.lane, from, frame.frames as Frame[])
      else if (frame.type === 'laneClosed') this.#over(line, frame.lane, from)
      // What is said about a connection with lanes concerns none of them alone.
      else if (frame.type !== 'laneRead' && !line.isCarrier) this.#hear(line, 0, from, [frame])
    }
  }

  #hear(line: Line, lane: number, from: Side, frames: readonly Frame[]): void {
    const { tap, isOver } = this.#session(line, lane)
    if (isOver) return
    if (from === 'client') tap.heard(frames as ClientFrame[])
    else tap.said(frames as ServerFrame[])
  }

  #over(line: Line, lane: number, from: Side): void {
    if (from === 'client') this.#session(line, lane).isOver = true
    else line.sessions.delete(lane)
  }

  #session(line: Line, lane: number): Session {
    let session = line.sessions.get(lane)
    if (!session) {
      const { seams } = this.#options
      const { caller, sessions } = line
      session = { tap: this.#tap(line, lane), rewrite: seams.rewrite?.(caller), isOver: false }
      sessions.set(lane, session)
      if (lane > 0) {
        line.isCarrier = true
        line.shares = Math.max(line.shares, 1 + sessions.size)
      }
    }
    return session
  }

  #tap({ link }: Line, lane: number): Wiretap {
    const { ledger, complain, limits, rights, now, authors } = this.#options
    return new Wiretap({
      ...{ ledger, complain, now, authors },
      link: lane === 0 ? link.name : `${link.name}/${lane}`,
      replayEntries: limits.replayEntries,
      mayHear: (user, channel) => rights.mayHear(user, channel),
      wall: () => link.server.machine.now(),
      graceMs: limits.expiryGraceMs,
    })
  }

  /** What is in an envelope is changed as if it were not in one. */
  #rewrite(line: Line, from: Side, text: string): readonly string[] {
    const envelopes = framesOf(text) as Frame[]
    if (!envelopes.some(({ type }) => type === 'lane'))
      return this.#session(line, 0).rewrite?.(from, text) ?? [text]
    const changed = envelopes.flatMap((frame): Frame[] => {
      if (frame.type !== 'lane') return [frame]
      const { lane, frames } = frame
      const texts = this.#session(line, lane).rewrite?.(from, JSON.stringify(frames)) ?? []
      return texts.map((each) => ({ ...frame, frames: framesOf(each) }) as Envelope)
    })
    return changed.length > 0 ? [JSON.stringify(changed)] : []
  }

  /** [A7] Answers may pile up to the hard bound; entries are not pushed, nor pages begun, above the high-water mark. */
  #measure({ link, shares }: Line, text: string): void {
    const { highWaterBytes, hardBytes, pageLength } = this.#options.limits
    const waiting = link.server.bufferedBytes
    const most = text.includes('"type":"entries"') ? highWaterBytes + 2 * pageLength : hardBytes
    if (waiting > most * shares)
      this.#options.complain('silent', 'A7', `${waiting} bytes wait on ${link.name}; ${most * shares} may`)
  }
}

function framesOf(text: string): unknown[] {
  const message: unknown = JSON.parse(text)
  return Array.isArray(message) ? message : [message]
}
