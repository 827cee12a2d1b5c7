// The tools of those who plant bugs: a broker, a storage or locks with some of their methods replaced, and connections
// whose frames are changed on their way.

import type { OutboxStorage } from '@tidings/client/durable'
import type { Browser } from '@tidings/client/tabs'
import type { ClientFrame, ServerFrame } from '@tidings/core'
import type { Broker } from '@tidings/server'
import type { Side } from '../link.ts'
import type { Seams } from '../seams.ts'

type Replaced = Partial<Pick<Broker, 'append' | 'read' | 'head' | 'attach' | 'snapshots'>>

/** The broker, but for what `replace` gives. */
export function brokenBroker(replace: (broker: Broker) => Replaced): Seams {
  return {
    broker: (broker) => ({
      append: (request) => broker.append(request),
      read: (channel, after, limits) => broker.read(channel, after, limits),
      head: (channel) => broker.head(channel),
      attach: (channel, listener) => broker.attach(channel, listener),
      problem: () => broker.problem(),
      close: () => broker.close(),
      snapshots: broker.snapshots,
      ...replace(broker),
    }),
  }
}

/** Frames as they are sent instead of one. */
type Tamper<Frame> = (frame: Frame) => Frame | readonly Frame[]

/** What clients say, changed; made anew for each connection. */
export function brokenClient(make: (caller: string) => Tamper<ClientFrame>): Seams {
  return { rewrite: (caller) => rewriteFrom('client', make(caller) as Tamper<unknown>) }
}

/** What servers say, changed; made anew for each connection. */
export function brokenServer(make: (caller: string) => Tamper<ServerFrame>): Seams {
  return { rewrite: (caller) => rewriteFrom('server', make(caller) as Tamper<unknown>) }
}

/** Whole messages, changed. */
export function brokenMessages(
  side: Side,
  make: (caller: string) => (frames: unknown[]) => readonly unknown[],
): Seams {
  return {
    rewrite: (caller) => {
      const change = make(caller)
      return (from, text) => (from === side ? encode(change(decode(text))) : [text])
    },
  }
}

function rewriteFrom(side: Side, tamper: Tamper<unknown>) {
  return (from: Side, text: string): readonly string[] =>
    from === side ? encode(decode(text).flatMap((frame) => tamper(frame) as unknown)) : [text]
}

function decode(text: string): unknown[] {
  const message: unknown = JSON.parse(text)
  return Array.isArray(message) ? message : [message]
}

const encode = (frames: readonly unknown[]): string[] => (frames.length > 0 ? [JSON.stringify(frames)] : [])

/** Says yes once in `every` calls. */
export function once(every: number): () => boolean {
  let count = 0
  return () => ++count % every === 0
}

/** A storage with some of its methods replaced; made anew for each page. */
export function brokenStorage(
  replace: (storage: OutboxStorage, person: string) => Partial<OutboxStorage>,
): Seams {
  return {
    storage: (storage, person) => ({
      isExclusive: storage.isExclusive,
      list: () => storage.list(),
      hold: (id) => storage.hold(id),
      read: (id) => storage.read(id),
      commit: (changes) => storage.commit(changes),
      release: (id) => storage.release(id),
      ...replace(storage, person),
    }),
  }
}

type Request = NonNullable<Browser['locks']>['request']

/** Locks that are given out in another way; made anew for each tab. */
export function brokenLocks(make: (request: Request) => Request): Seams {
  return {
    browser: (browser) => {
      const { locks } = browser
      return locks ? { ...browser, locks: { request: make(locks.request) } } : browser
    },
  }
}
