// Bugs of tabs that share a connection, and of what they do once for a person.

import type { ClientFrame } from '@tidings/core'
import type { Bug } from '../seams.ts'
import { brokenClient, brokenLocks, brokenMessages, once } from './tampering.ts'

type Publish = Extract<ClientFrame, { readonly type: 'publish' }>

/** Says of a hello whether its writer was here before, by way of another tab. */
function handOver() {
  const callers = new Map<string, string>()
  return (caller: string, frame: unknown): boolean => {
    const { type, producer } = frame as { readonly type: string; readonly producer?: string }
    if (type !== 'hello' || producer === undefined) return false
    const before = callers.get(producer)
    callers.set(producer, caller)
    return before !== undefined && before !== caller
  }
}

/** What is said along a line between two tabs. */
interface Word {
  readonly type?: string
  readonly number?: number
}

export const tabBugs: readonly Bug[] = [
  {
    name: 'hand-over-without-positions',
    what: 'when another tab has the connection, readers begin anew instead of going on',
    plant: () => {
      const isHandedOver = handOver()
      return brokenClient(
        (caller) => (frame) =>
          frame.type === 'hello' && isHandedOver(caller, frame)
            ? { ...frame, subscribe: frame.subscribe?.map(({ after: _, ...subscribe }) => subscribe) }
            : frame,
      )
    },
  },
  {
    name: 'lose-the-order-at-a-hand-over',
    what: 'when another tab has the connection, the first two writes change places',
    plant: () => {
      const isHandedOver = handOver()
      return brokenMessages('client', (caller) => {
        let isDue = false
        return (frames) => {
          isDue ||= frames.some((frame) => isHandedOver(caller, frame))
          const [first, second] = frames.filter(
            (frame): frame is Publish => (frame as ClientFrame).type === 'publish',
          )
          if (!isDue || !first || !second || first.channel !== second.channel) return frames
          isDue = false
          return frames.map((frame) => {
            if (frame === first) return { ...first, data: second.data, event: second.event }
            return frame === second ? { ...second, data: first.data, event: first.event } : frame
          })
        }
      })
    },
  },
  {
    name: 'take-a-lock-that-is-held',
    what: 'a tab believes that the connection is its own, and another one does as well',
    plant: () =>
      brokenLocks(
        (request) => (name, options, work) =>
          options.ifAvailable || name.includes(' life ')
            ? request(name, options, work)
            : Promise.resolve({}).then(work),
      ),
  },
  {
    name: 'miss-the-death-of-a-tab',
    what: 'the lanes of a tab that is gone stay open',
    plant: () => {
      const living = new Set<string>()
      return brokenLocks((request) => (name, options, work) => {
        // The tab itself comes first; after it, whoever waits for its end.
        if (living.has(name)) return new Promise(() => {})
        if (name.includes(' life ')) living.add(name)
        return request(name, options, work)
      })
    },
  },
  {
    name: 'lose-a-word-between-tabs',
    what: 'once in a while a message along a line is lost, and its number given to the next one',
    plant: () => {
      const isDue = once(15)
      return {
        browser: (browser) => {
          const { openBroadcast } = browser
          if (!openBroadcast) return browser
          return {
            ...browser,
            openBroadcast: (name, hear) => {
              const channel = openBroadcast(name, hear)
              let lost = 0
              return {
                close: () => channel.close(),
                postMessage: (message) => {
                  const word = message as Word
                  if (word.number === undefined) return channel.postMessage(message)
                  if ((word.type === 'heard' || word.type === 'said') && isDue()) return void lost++
                  channel.postMessage({ ...word, number: word.number - lost })
                },
              }
            },
          }
        },
      }
    },
  },
  {
    name: 'do-it-in-every-tab',
    what: 'what is meant for a person is done in each of their tabs',
    plant: () => ({
      once: () => (event, effect) => {
        if (event.origin !== 'replay') effect()
      },
    }),
  },
  {
    name: 'forget-what-was-done',
    what: 'a tab that has done something does not tell, and lets go of the lock that shows it',
    plant: () => ({
      browser: ({ locks, openBroadcast, attention }) => ({
        attention,
        locks: locks && {
          request: (name, options, work) =>
            locks.request(name, options, options.ifAvailable ? (lock) => void work(lock) : work),
        },
        openBroadcast:
          openBroadcast &&
          ((name, hear) => {
            const { postMessage, close } = openBroadcast(name, hear)
            return { close, postMessage: (message) => Array.isArray(message) || postMessage(message) }
          }),
      }),
    }),
  },
  {
    name: 'leave-it-to-the-others',
    what: 'once in a while the tab that was to do something does not',
    plant: () => {
      const isDue = once(10)
      return { once: (run) => (event, effect) => run(event, () => isDue() || effect()) }
    },
  },
]
