// Bugs of a client, as servers hear them.

import type { ClientFrame } from '@tidings/core'
import type { Bug } from '../seams.ts'
import { brokenClient, brokenMessages, once } from './tampering.ts'

type Publish = Extract<ClientFrame, { readonly type: 'publish' }>
const isPublish = (frame: unknown): frame is Publish => (frame as ClientFrame).type === 'publish'
const numberOf = ({ data }: Publish) => (data as { readonly n: number }).n

export const clientBugs: readonly Bug[] = [
  {
    name: 'forget-the-place-on-reconnect',
    what: 'after a drop a reader begins anew instead of going on',
    plant: () =>
      brokenClient(
        () => (frame) =>
          frame.type === 'hello'
            ? { ...frame, subscribe: frame.subscribe?.map(({ after: _, ...subscribe }) => subscribe) }
            : frame,
      ),
  },
  {
    name: 'go-on-from-the-first-place',
    what: 'after a drop a reader goes on from where it once began',
    plant: () => {
      const first = new Map<string, string>()
      return brokenClient((caller) => (frame) => {
        if (frame.type !== 'hello') return frame
        const subscribe = frame.subscribe?.map((each) => {
          if (each.after === undefined) return each
          const key = `${caller} ${each.channel}`
          const after = first.get(key) ?? each.after
          first.set(key, after)
          // The tag of the newest place, under the offset of the first: a position that never was.
          return { ...each, after: `${after.slice(0, after.lastIndexOf(':'))}:${each.after.split(':')[2]}` }
        })
        return { ...frame, subscribe }
      })
    },
  },
  {
    name: 'renumber-on-retry',
    what: 'a write that is sent again gets a new number',
    plant: () => {
      const sent = new Set<number>()
      return brokenClient(() => (frame) => {
        if (!isPublish(frame)) return frame
        if (sent.has(numberOf(frame))) return { ...frame, sequence: frame.sequence + 1_000 }
        sent.add(numberOf(frame))
        return frame
      })
    },
  },
  {
    name: 'write-twice',
    what: 'once in a while a write goes out under two numbers',
    plant: () => {
      const isDue = once(20)
      return brokenClient(() => (frame) => {
        if (!isPublish(frame) || !isDue()) return frame
        return [frame, { ...frame, id: frame.id + 1_000_000, sequence: frame.sequence + 1_000 }]
      })
    },
  },
  {
    name: 'lose-the-outbox-order',
    what: 'two writes of one message change places',
    plant: () =>
      brokenMessages('client', () => (frames) => {
        const [first, second] = frames.filter(isPublish)
        if (!first || !second || first.channel !== second.channel) return frames
        return frames.map((frame) => {
          if (frame === first) return { ...first, data: second.data, event: second.event }
          return frame === second ? { ...second, data: first.data, event: first.event } : frame
        })
      }),
  },
  {
    name: 'lose-a-write',
    what: 'once in a while a write is not sent',
    plant: () => {
      const isDue = once(20)
      return brokenClient(() => (frame) => (isPublish(frame) && isDue() ? [] : frame))
    },
  },
  {
    name: 'forget-the-forerunner',
    what: 'a write does not say which one comes before it',
    plant: () => brokenClient(() => (frame) => (isPublish(frame) ? { ...frame, previous: 0 } : frame)),
  },
  {
    name: 'forget-to-enter-again',
    what: 'after a drop a member is not present any more',
    plant: () => {
      const entered = new Set<string>()
      return brokenClient((caller) => (frame) => {
        if (frame.type !== 'enter') return frame
        const key = `${caller} ${frame.channel}`
        if (entered.has(key)) return []
        entered.add(key)
        return frame
      })
    },
  },
  {
    name: 'never-ping',
    what: 'a client that hears nothing does not ask whether anybody is there',
    plant: () => brokenClient(() => (frame) => (frame.type === 'ping' ? [] : frame)),
  },
]
