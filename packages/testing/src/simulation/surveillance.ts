// Looks at every message between clients and nodes: keeps the trace, taps what the servers say, measures buffers, and
// lets a planted bug change what is said.

import type { Limits } from '@tidings/server'
import type { Ledger } from './ledger.ts'
import type { Link, Side } from './link.ts'
import type { Watch } from './network.ts'
import type { Rights } from './rights.ts'
import type { Seams } from './seams.ts'
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
  readonly seams: Seams
}

interface Line {
  readonly tap: Wiretap
  readonly node: string
  readonly rewrite: ((from: Side, text: string) => readonly string[]) | undefined
}

export class Surveillance implements Watch {
  readonly #options: SurveillanceOptions
  readonly #lines = new Map<Link, Line>()

  constructor(options: SurveillanceOptions) {
    this.#options = options
  }

  opened(link: Link, caller: string, node: string): void {
    const { ledger, complain, limits, rights, now, seams, trace } = this.#options
    const tap = new Wiretap({
      link: link.name,
      ledger,
      complain,
      replayEntries: limits.replayEntries,
      mayHear: (user, channel) => rights.mayHear(user, channel),
      now,
      wall: () => link.server.machine.now(),
      graceMs: limits.expiryGraceMs,
    })
    this.#lines.set(link, { tap, node, rewrite: seams.rewrite?.(caller) })
    trace.note(link.name, `to ${node}`)
  }

  sent(link: Link, from: Side, text: string): readonly string[] {
    const line = this.#lines.get(link)
    const texts = line?.rewrite ? line.rewrite(from, text) : [text]
    if (from === 'client') return texts
    for (const said of texts) line?.tap.said(said)
    this.#measure(link, text)
    return texts
  }

  /** [A7] Answers may pile up to the hard bound; entries are not pushed, nor pages begun, above the high-water mark. */
  #measure(link: Link, text: string): void {
    const { highWaterBytes, hardBytes, pageLength } = this.#options.limits
    const waiting = link.server.bufferedBytes
    const most = text.includes('"type":"entries"') ? highWaterBytes + 2 * pageLength : hardBytes
    if (waiting > most)
      this.#options.complain('silent', 'A7', `${waiting} bytes wait on ${link.name}; ${most} may`)
  }

  arriving(link: Link, to: Side, text: string): void {
    this.#options.trace.note(link.name, `${to === 'server' ? '→' : '←'} ${text}`)
    if (to === 'server') this.#lines.get(link)?.tap.heard(text)
  }

  ended(link: Link, side: Side): void {
    this.#options.trace.note(link.name, `over for the ${side}`)
    if (link.isOver) this.#lines.delete(link)
  }

  /** [A6] From here on nothing may be told to this person on that node. */
  revoked(person: string, node: string): void {
    for (const { tap, node: other } of this.#lines.values()) if (other === node) tap.revoke(person)
  }
}
