// Own writes in every interleaving of ack, echo, refusal, drop, gap, reset and foreign entries: after every single step
// each own write is in the state exactly once (or, refused, not at all), and the rest of the state is the log.

import type { Position } from '@tidings/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { room, type Said, type World, world } from './world.ts'

type Step =
  /** Somebody writes: this client, or another. */
  | 'write'
  | 'foreign'
  /** One message arrives at that end. */
  | 'to server'
  | 'to client'
  /** What the server pushes next is lost on the way: a hole. */
  | 'lose'
  /** The link breaks; later the client dials again, and is welcomed. */
  | 'cut'
  | 'come back'
  /** Time passes. */
  | 'wait'
  /** The next write that the log does not have is refused for good, or for now. */
  | 'refuse'
  | 'postpone'
  /** What was there is trimmed: whoever comes back gets a snapshot. */
  | 'trim'
  /** The app's load returns what was true when it was asked, or what is true now. */
  | 'load then'
  | 'load now'

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>('write') },
  { weight: 3, arbitrary: fc.constant<Step>('foreign') },
  { weight: 8, arbitrary: fc.constantFrom<Step>('to server', 'to client') },
  { weight: 6, arbitrary: fc.constantFrom<Step>('cut', 'come back', 'wait', 'trim') },
  { weight: 3, arbitrary: fc.constantFrom<Step>('refuse', 'postpone', 'lose') },
  { weight: 2, arbitrary: fc.constantFrom<Step>('load then', 'load now') },
)

interface Loading {
  readonly before: { readonly state: readonly string[]; readonly position: Position }
  readonly give: (loaded: { readonly state: readonly string[]; readonly position: Position }) => void
}

class Game {
  readonly it: World = world()
  readonly channel = this.it.client.channel(room)
  readonly written: ReturnType<typeof this.channel.publish>[] = []
  readonly seen: number[] = []
  #loading: Loading | undefined
  #refusal: 'forbidden' | 'unavailable' | undefined
  #isLosing = false

  constructor(usesLoad: boolean) {
    const { server } = this.it
    server.isTerse = false
    server.intercept = (frame, connection) => {
      if (
        frame.type !== 'publish' ||
        !this.#refusal ||
        server.log(room.name).producers.get(connection.you)?.has(frame.sequence)
      )
        return false
      connection.send({
        type: 'error',
        id: frame.id,
        channel: frame.channel,
        code: this.#refusal,
        message: 'No.',
        retryAfterMs: 100,
      })
      this.#refusal = undefined
      return true
    }
    const push = server.push.bind(server)
    server.push = (name, entries) => {
      if (!this.#isLosing) push(name, entries)
      this.#isLosing = false
    }
    if (usesLoad) {
      this.channel.configure({
        load: () =>
          new Promise((give) => {
            this.#loading = { before: { state: this.log, position: this.head }, give }
          }),
      })
    }
    this.channel.state.subscribe(() => {})
    this.channel.onAny(({ offset }) => this.seen.push(offset))
  }

  async start(): Promise<void> {
    await this.it.server.settle()
    await this.play('load now')
  }

  /** The log as the state shows it. */
  get log(): readonly string[] {
    return this.it.server.log(room.name).fold?.(this.it.server.log(room.name).entries) as readonly string[]
  }

  get head(): Position {
    const { entries, epoch } = this.it.server.log(room.name)
    return { epoch, offset: entries.length, tag: entries.at(-1)?.tag ?? '' }
  }

  async play(next: Step): Promise<void> {
    const { server, clock } = this.it
    const { pair } = server.last
    switch (next) {
      case 'write':
        this.written.push(this.channel.publish('said', { text: `w${this.written.length}` }))
        break
      case 'foreign':
        server.append(room.name, 'said', { text: 'f' })
        break
      case 'to server':
      case 'to client':
        pair.flushTo(next === 'to server' ? 'server' : 'client', 1)
        break
      case 'lose':
        this.#isLosing = true
        break
      case 'cut':
        pair.cut()
        break
      case 'come back':
        await clock.advance(1_000)
        server.last.pair.flushTo('server', 1)
        server.last.pair.flushTo('client', 1)
        break
      case 'wait':
        await clock.advance(100)
        break
      case 'refuse':
        this.#refusal = 'forbidden'
        break
      case 'postpone':
        this.#refusal = 'unavailable'
        break
      case 'trim':
        server.log(room.name).trimmed = this.head.offset
        break
      case 'load then':
      case 'load now': {
        const loading = this.#loading
        this.#loading = undefined
        loading?.give(next === 'load then' ? loading.before : { state: this.log, position: this.head })
        break
      }
    }
    await clock.settle()
    this.check()
  }

  check(): void {
    const state = this.channel.state.get()
    expect(this.seen).toEqual([...new Set(this.seen)].sort((a, b) => a - b))
    if (!state) return
    const confirmed = state.filter((line) => !line.includes('?'))
    expect(confirmed).toEqual(this.log.slice(0, confirmed.length))
    expect(state.slice(0, confirmed.length)).toEqual(confirmed)
    for (const { data, status, id } of this.written) {
      const { text } = data as Said
      const lines = state.filter((line) => line.split(/[? ]/)[0] === text)
      expect(lines.length, `${text} is ${status.get().name}: ${state.join(', ')}`).toBe(
        status.get().name === 'refused' ? 0 : 1,
      )
      if (lines[0]) expect(lines[0].split('#')[1]).toBe(id)
    }
  }

  /** Lets everything come to rest: then both ends have the same. */
  async finish(): Promise<void> {
    const { server, client, clock } = this.it
    this.#refusal = undefined
    this.#isLosing = false
    for (let i = 0; i < 20; i++) {
      await server.advance(1_000)
      if (this.#loading) await this.play('load now')
      // What was lost on the way last shows when the next entry comes.
      if (i === 9) server.append(room.name, 'said', { text: 'end' })
    }
    this.check()
    expect(this.channel.state.get()).toEqual(this.log)
    expect(client.outbox.get()).toEqual([])
    expect(
      this.written
        .map(({ status }) => status.get().name)
        .filter((name) => name !== 'accepted' && name !== 'refused'),
    ).toEqual([])
    client.close()
    expect(clock.pendingTimers).toBe(0)
  }
}

test.for([false, true])(
  '[PB2] [SB1] every own write once, in every order of things (load: %s)',
  async (usesLoad) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
        const game = new Game(usesLoad)
        await game.start()
        for (const next of steps) await game.play(next)
        await game.finish()
      }),
      { numRuns: 300 },
    )
  },
)
