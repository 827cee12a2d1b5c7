// Bugs of a server node, as its clients hear them.

import type { ServerFrame } from '@tidings/core'
import type { Bug } from '../seams.ts'
import { brokenMessages, brokenServer, once } from './tampering.ts'

type Entries = Extract<ServerFrame, { readonly type: 'entries' }>
type Entry = Entries['entries'][number]

const isLive = (frame: ServerFrame): frame is Entries => frame.type === 'entries' && !frame.replay

/** Changes the entries of every frame that has some. */
const withEntries = (change: (entries: readonly Entry[]) => readonly Entry[]) => (frame: ServerFrame) =>
  frame.type === 'entries' ? { ...frame, entries: change(frame.entries) } : frame

export const serverBugs: readonly Bug[] = [
  {
    name: 'drop-one-live-frame',
    what: 'once in a while live entries are not sent',
    plant: () => {
      const isDue = once(15)
      return brokenServer(() => (frame) => (isLive(frame) && isDue() ? [] : frame))
    },
  },
  {
    name: 'double-one-frame',
    what: 'once in a while live entries are sent twice',
    plant: () => {
      const isDue = once(15)
      return brokenServer(() => (frame) => (isLive(frame) && isDue() ? [frame, frame] : frame))
    },
  },
  {
    name: 'swap-two-entries',
    what: 'two entries of one frame change places',
    plant: () =>
      brokenServer(() => withEntries(([first, second, ...rest]) => [second, first, ...rest].filter(isThere))),
  },
  {
    name: 'mix-live-into-backlog',
    what: 'a reader is called live before the last of what it missed',
    plant: () =>
      brokenMessages('server', () => (frames) => {
        const lives = frames.filter((frame) => (frame as ServerFrame).type === 'live')
        const at = frames.findIndex((frame) => (frame as ServerFrame).type === 'entries')
        if (at < 0 || lives.length === 0) return frames
        const others = frames.filter((frame) => !lives.includes(frame))
        return [...others.slice(0, at), ...lives, ...others.slice(at)]
      }),
  },
  {
    name: 'call-a-replay-live',
    what: 'entries that are read back are not marked',
    plant: () =>
      brokenServer(() => (frame) => (frame.type === 'entries' ? { ...frame, replay: undefined } : frame)),
  },
  {
    name: 'change-an-entry',
    what: 'an entry is told with other data than the log has',
    plant: () => {
      const isDue = once(40)
      return brokenServer(() =>
        withEntries((entries) => entries.map((entry) => (isDue() ? { ...entry, data: { n: 1 } } : entry))),
      )
    },
  },
  {
    name: 'forget-the-author',
    what: 'entries do not say whose they are',
    plant: () =>
      brokenServer(() => withEntries((entries) => entries.map(({ by: _, sequence: __, ...entry }) => entry))),
  },
  {
    name: 'hide-a-reset',
    what: 'a reader is not told that its history has changed',
    plant: () => brokenServer(() => (frame) => (frame.type === 'reset' ? [] : frame)),
  },
  {
    name: 'call-a-reset-resumed',
    what: 'a reader whose place is gone is told that it goes on',
    plant: () =>
      brokenServer(
        () => (frame) =>
          frame.type === 'subscribed' && frame.verdict === 'reset'
            ? { ...frame, verdict: 'resumed', reason: undefined, snapshot: undefined }
            : frame,
      ),
  },
  {
    name: 'forget-to-say-live',
    what: 'a reader that has caught up is not told',
    plant: () => brokenServer(() => (frame) => (frame.type === 'live' ? [] : frame)),
  },
  {
    name: 'mix-up-acks',
    what: 'two answers of one message change places',
    plant: () =>
      brokenMessages('server', () => (frames) => {
        const acks = frames.filter((frame) => (frame as ServerFrame).type === 'ack') as Extract<
          ServerFrame,
          { type: 'ack' }
        >[]
        const [first, second] = acks
        if (!first || !second) return frames
        return frames.map((frame) => {
          if (frame === first) return { ...first, id: second.id }
          return frame === second ? { ...second, id: first.id } : frame
        })
      }),
  },
  {
    name: 'lose-an-answer',
    what: 'once in a while an ack is not sent',
    plant: () => {
      const isDue = once(20)
      return brokenServer(() => (frame) => (frame.type === 'ack' && isDue() ? [] : frame))
    },
  },
  {
    name: 'talk-after-unsubscribed',
    what: 'the last entries are told once more after the end',
    plant: () =>
      brokenServer(() => {
        const last = new Map<string, ServerFrame>()
        return (frame) => {
          if (frame.type === 'entries') last.set(frame.channel, frame)
          if (frame.type !== 'unsubscribed') return frame
          const entries = last.get(frame.channel)
          return entries ? [frame, entries] : frame
        }
      }),
  },
  {
    name: 'forget-who-left',
    what: 'nobody is told that a member has left',
    plant: () =>
      brokenServer(
        () => (frame) =>
          frame.type === 'presenceChange' && frame.left ? { ...frame, left: undefined } : frame,
      ),
  },
  {
    name: 'join-twice',
    what: 'a member joins twice',
    plant: () =>
      brokenServer(
        () => (frame) => (frame.type === 'presenceChange' && frame.joined ? [frame, frame] : frame),
      ),
  },
  {
    name: 'answer-another-call',
    what: 'a call is answered with something else',
    plant: () =>
      brokenServer(() => (frame) => (frame.type === 'reply' ? { ...frame, data: { n: -1 } } : frame)),
  },
  {
    name: 'let-tokens-live-on',
    what: 'a connection outlives its token',
    plant: () => ({ limits: { expiryGraceMs: 1e9 } }),
  },
  {
    name: 'never-ask-for-rights-again',
    what: 'a reader keeps a channel that it may not read any more',
    plant: () => ({ limits: { recheckMs: 1e9 } }),
  },
  {
    name: 'keep-the-absent',
    what: 'members whose connection is gone stay for ever',
    plant: () => ({ limits: { presenceGraceMs: 1e9 } }),
  },
  {
    name: 'buffer-without-bound',
    what: 'a reader that does not read is sent more and more',
    plant: () => ({ limits: { highWaterBytes: 1e9, hardBytes: 1e9 } }),
  },
  {
    name: 'give-up-on-readers-too-early',
    what: 'a reader that missed a few entries is reset instead of caught up',
    plant: () => ({ limits: { replayEntries: 3 } }),
  },
]

const isThere = <T>(value: T | undefined): value is T => value !== undefined
