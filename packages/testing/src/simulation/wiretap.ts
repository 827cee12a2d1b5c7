// What the server says on one connection, held against SPEC.md and the ledger as it is said. The client heals what it
// can; here nothing is forgiven.

import {
  type ClientFrame,
  formatPosition,
  isSamePosition,
  type Position,
  parsePosition,
  type ServerFrame,
} from '@tidings/core'
import type { Authors } from './authors.ts'
import type { Chained, Mark } from './contract.ts'
import type { Ledger, Recorded } from './ledger.ts'
import { isTrueReason } from './reading.ts'
import type { Complain } from './violation.ts'

type Said<Type extends ServerFrame['type']> = Extract<ServerFrame, { readonly type: Type }>
type Asked = Extract<ClientFrame, { readonly type: 'subscribe' }>

export interface WiretapOptions {
  readonly link: string
  readonly ledger: Ledger
  readonly complain: Complain
  readonly replayEntries: number
  /** Whether entries of this channel may still be sent to this person. */
  readonly mayHear: (user: string | undefined, channel: string) => boolean
  /** Milliseconds that have passed, and the wall time of the server. */
  readonly now: () => number
  readonly wall: () => number
  /** How long a connection outlives its token, in milliseconds. */
  readonly graceMs: number
  readonly authors: Authors
}

/** What the server has to notice that a time is over: it looks once a second. */
const SWEEP_MS = 1_100

interface Subscribed {
  at: Position
  mode: 'replay' | 'live'
}

export class Wiretap {
  readonly #options: WiretapOptions
  /** Subscribe requests without an answer yet. */
  readonly #asked = new Map<number, Asked>()
  /** Numbers of writes without an answer yet, by request. */
  readonly #published = new Map<number, { readonly channel: string; readonly n: number }>()
  readonly #subscribed = new Map<string, Subscribed>()
  readonly #members = new Map<string, Set<string>>()
  #you: string | undefined
  #user: string | undefined
  #tokenEndsAt: number | undefined
  /** Since when the token has been over, grace included, by the timeline. */
  #overdueSince: number | undefined
  /** The person's right to be connected was taken away. */
  #isRevoked = false

  constructor(options: WiretapOptions) {
    this.#options = options
  }

  /** The public name under which the server knows the client. */
  get you(): string | undefined {
    return this.#you
  }

  /** A message has reached the server. */
  heard(frames: readonly ClientFrame[]): void {
    for (const frame of frames) {
      if (frame.type === 'hello' || frame.type === 'auth') this.#tokenEndsAt = tokenEnd(frame.token)
      if (frame.type === 'hello')
        for (const each of frame.subscribe ?? []) this.#asked.set(each.id, { type: 'subscribe', ...each })
      else if (frame.type === 'subscribe') this.#asked.set(frame.id, frame)
      else if (frame.type === 'publish') this.#publish(frame)
    }
  }

  /** The server hands over a message. */
  said(frames: readonly ServerFrame[]): void {
    this.#watchTime()
    for (const frame of frames) this.#frame(frame)
  }

  /** Whoever is this person has lost the right to be connected. */
  revoke(person: string): void {
    if (this.#you !== undefined && this.#user === person) this.#isRevoked = true
  }

  /** [OB4] Nobody sends what somebody else has written, or what was discarded. */
  #publish({ id, channel, data }: Extract<ClientFrame, { readonly type: 'publish' }>): void {
    const { n } = data as Mark
    this.#published.set(id, { channel, n })
    const { authors, complain, link } = this.#options
    if (this.#user === undefined || authors.maySend(this.#user, n)) return
    const author = authors.of(n)?.person
    complain('silent', 'OB4', `${this.#user}, on ${link}: sent ${n}, which ${author} has written`)
  }

  #watchTime(): void {
    const { now, wall, graceMs } = this.#options
    const isOverdue = this.#tokenEndsAt !== undefined && wall() > this.#tokenEndsAt + graceMs
    this.#overdueSince = isOverdue ? (this.#overdueSince ?? now()) : undefined
  }

  get #isOver(): boolean {
    return (
      this.#isRevoked ||
      (this.#overdueSince !== undefined && this.#options.now() - this.#overdueSince > SWEEP_MS)
    )
  }

  #frame(frame: ServerFrame): void {
    const isForStrangers = frame.type === 'welcome' || frame.type === 'error' || frame.type === 'drain'
    if (this.#you === undefined && !isForStrangers) {
      this.#complain('silent', 'CN4', `said ${frame.type} before the welcome`)
    }
    switch (frame.type) {
      case 'welcome':
        this.#you = frame.you
        this.#user = frame.user
        break
      case 'subscribed':
        this.#answer(frame)
        break
      case 'entries':
        this.#entries(frame)
        break
      case 'live':
        this.#live(frame)
        break
      case 'behind':
        this.#expect(frame.channel, 'SB7').mode = 'replay'
        break
      case 'reset':
        this.#reset(frame)
        break
      case 'unsubscribed':
        this.#subscribed.delete(frame.channel)
        this.#members.delete(frame.channel)
        break
      case 'ack':
        this.#ack(frame)
        break
      case 'error':
        if (frame.id !== undefined) this.#published.delete(frame.id)
        break
      case 'presence':
        this.#members.set(frame.channel, new Set(frame.members?.map(({ id }) => id)))
        if (frame.members && frame.members.length !== frame.total)
          this.#complain('silent', 'PR2', 'counts members wrong')
        break
      case 'presenceChange':
        this.#presence(frame)
        break
      case 'signal':
        this.#expect(frame.channel, 'SG1')
        if (frame.from === this.#you) this.#complain('doubled', 'SG1', 'sent a signal back to its sender')
        break
    }
  }

  #answer({ id, channel, verdict, reason, position: text, snapshot }: Said<'subscribed'>): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    const position = this.#position(text)
    if (asked?.channel !== channel)
      return this.#complain('silent', 'SB1', `answered a subscribe of ${channel} that nobody sent`)
    const after =
      asked.after === undefined || asked.after === 'start' || asked.after === 'now'
        ? undefined
        : this.#position(asked.after)
    if (verdict === 'resumed' && (!after || formatPosition(after) !== text)) {
      this.#complain('silent', 'SB3', `resumed ${channel} at ${text}, not at ${asked.after}`)
    }
    if (verdict === 'fresh' && after)
      this.#complain('silent', 'SB2', `began ${channel} anew for one who was at ${asked.after}`)
    if (verdict === 'reset' && after) this.#checkReason(channel, reason, { at: after, to: position })
    if (asked.state !== undefined && verdict !== 'resumed' && !snapshot)
      this.#complain('silent', 'SB2', `gave no state of ${channel}`)
    this.#subscribed.set(channel, { at: position, mode: 'replay' })
    this.#checkSnapshot(channel, text, snapshot)
  }

  #entries({ channel, epoch, entries, replay = false }: Said<'entries'>): void {
    const { ledger, mayHear } = this.#options
    const place = this.#expect(channel, 'SB10')
    if (this.#isOver)
      this.#complain('silent', 'A6', `sent entries of ${channel} after the right to be here had ended`)
    if (!mayHear(this.#user, channel))
      this.#complain('silent', 'A8', `sent entries of ${channel} to who may not read them`)
    if (replay !== (place.mode === 'replay'))
      this.#complain('reordered', 'SB6', `mixed live entries of ${channel} with those read back`)
    for (const entry of entries) {
      const position = { epoch, offset: entry.offset, tag: entry.tag }
      const recorded = ledger.at(channel, position)
      if (!recorded?.entry)
        this.#complain(
          'silent',
          'A2',
          `sent ${formatPosition(position)} of ${channel}, which no log ever had`,
        )
      else {
        if ((recorded.entry.data as string) !== JSON.stringify(entry.data))
          this.#complain('silent', 'A2', `changed ${entry.offset} of ${channel}`)
        this.#checkNext(channel, place.at, recorded)
      }
      place.at = position
    }
  }

  #checkNext(channel: string, at: Position, { position, previous }: Recorded): void {
    if (previous && isSamePosition(previous.position, at)) return
    const sentence = `sent ${formatPosition(position)} of ${channel} after ${formatPosition(at)}`
    if (position.epoch === at.epoch && position.offset <= at.offset)
      this.#complain('doubled', 'SB1', sentence)
    else if (position.epoch === at.epoch && position.offset > at.offset + 1)
      this.#complain('lost', 'SB1', sentence)
    else this.#complain('silent', 'SB1', sentence)
  }

  #live({ channel, position }: Said<'live'>): void {
    const place = this.#expect(channel, 'SB6')
    if (formatPosition(place.at) !== position) {
      this.#complain(
        'lost',
        'SB6',
        `called ${channel} live at ${position} for one who is at ${formatPosition(place.at)}`,
      )
    }
    place.mode = 'live'
  }

  #reset({ channel, reason, position, snapshot }: Said<'reset'>): void {
    const place = this.#expect(channel, 'SB8')
    const to = this.#position(position)
    this.#checkReason(channel, reason, { at: place.at, to })
    place.at = to
    place.mode = 'replay'
    this.#checkSnapshot(channel, position, snapshot)
  }

  #checkReason(
    channel: string,
    reason: Said<'reset'>['reason'] | undefined,
    move: { readonly at: Position; readonly to: Position },
  ): void {
    if (reason && isTrueReason(reason, move, { ...this.#options, channel })) return
    const at = formatPosition(move.at)
    this.#complain('silent', 'A9', `reset ${channel} at ${at} for "${reason}", which is not true`)
  }

  #checkSnapshot(channel: string, position: string, snapshot: Said<'reset'>['snapshot']): void {
    if (!snapshot) return
    const { ledger } = this.#options
    const { count, chain, pending } = snapshot.state as Chained
    const alike = ledger.withState(channel, { count, chain })
    const isThere = alike.some((recorded) => formatPosition(recorded.position) === snapshot.position)
    const isEmpty = count === 0 && snapshot.position.includes(':0:')
    if (snapshot.position !== position || !(isThere || isEmpty) || pending.length > 0) {
      this.#complain('silent', 'SB2', `gave a state of ${channel} that is not the one at ${position}`)
    }
  }

  #ack({ id, position }: Said<'ack'>): void {
    const published = this.#published.get(id)
    this.#published.delete(id)
    if (!published) return this.#complain('silent', 'PB1', 'acknowledged what nobody sent')
    const recorded = this.#options.ledger.at(published.channel, this.#position(position))
    if (recorded?.n !== published.n) {
      this.#complain(
        'silent',
        'A4',
        `acknowledged ${published.n} in ${published.channel} at ${position}, where it is not`,
      )
    }
  }

  #presence({ channel, total, joined = [], updated = [], left = [] }: Said<'presenceChange'>): void {
    this.#expect(channel, 'PR2')
    const members = this.#members.get(channel)
    if (!members)
      return this.#complain('silent', 'PR2', `told a change of presence in ${channel} before who is there`)
    for (const { id } of joined) {
      if (members.has(id)) this.#complain('doubled', 'Q8', `let ${id} join ${channel} twice`)
      members.add(id)
    }
    for (const { id } of updated)
      if (!members.has(id)) this.#complain('silent', 'Q8', `updated ${id} in ${channel}, who is not there`)
    for (const id of left)
      if (!members.delete(id)) this.#complain('silent', 'Q8', `let ${id} leave ${channel}, who was not there`)
    if (members.size !== total)
      this.#complain('silent', 'Q8', `counts ${total} in ${channel}, where ${members.size} are`)
  }

  #expect(channel: string, rule: string): Subscribed {
    const place = this.#subscribed.get(channel)
    if (place) return place
    this.#complain('silent', rule, `spoke of ${channel}, which is not subscribed`)
    return { at: { epoch: '', offset: 0, tag: '' }, mode: 'replay' }
  }

  #position(text: string): Position {
    const position = parsePosition(text)
    if (position) return position
    this.#complain('silent', 'SB1', `gave the position "${text}"`)
    return { epoch: '', offset: 0, tag: '' }
  }

  #complain(...[harm, rule, message]: Parameters<Complain>): void {
    this.#options.complain(harm, rule, `the server, on ${this.#options.link}: ${message}`)
  }
}

/** When a simulated token ends: `person@milliseconds`; undefined for one that does not. */
export function tokenEnd(token: string | undefined): number | undefined {
  const end = token?.split('@')[1]
  return end === undefined ? undefined : Number(end)
}
