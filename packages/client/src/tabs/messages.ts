// What tabs say to one another. Whoever can post here runs in a page of the same origin; still, a page may be of another
// release, or of something else: what has another shape is not heard.

/** Counted up when the messages change: tabs of different releases do not share. */
export const FORMAT = 1

/** To all tabs. */
export type Call =
  /** A tab wants a lane, and waits for it on the line of this name. It has these lines and no others, by spaces. */
  | { readonly type: 'dial'; readonly tab: string; readonly line: string; readonly lines: string }
  /** It has thought better of it, before anybody took the line up. */
  | { readonly type: 'forget'; readonly line: string }
  /** Is there a holder? */
  | { readonly type: 'ask' }
  /** There is. A higher term is a later one. */
  | { readonly type: 'holding'; readonly holder: string; readonly term: number }

/** From the holder along a line. Numbered from 1, so that a loss shows. */
export type Downward = { readonly holder: string; readonly number: number } & (
  | { readonly type: 'taken'; readonly term: number }
  | { readonly type: 'opened' }
  | { readonly type: 'heard'; readonly text: string /** 0: none. */; readonly mark: number }
  | { readonly type: 'over'; readonly code: number; readonly reason: string }
)

/** What a message says, before its sender has numbered it. */
export type Unsent<Message> = Message extends unknown ? Omit<Message, 'holder' | 'to' | 'number'> : never

/** To the holder along a line; numbered likewise. */
export type Upward = { readonly to: string; readonly number: number } & (
  | { readonly type: 'said'; readonly text: string }
  | { readonly type: 'read'; readonly mark: number }
  | { readonly type: 'left' }
)

type Table = Readonly<Record<string, Readonly<Record<string, 'string' | 'number'>>>>

const calls: Table = {
  dial: { tab: 'string', line: 'string', lines: 'string' },
  forget: { line: 'string' },
  ask: {},
  holding: { holder: 'string', term: 'number' },
}
const downward = { holder: 'string', number: 'number' } as const
const downwards: Table = {
  taken: { ...downward, term: 'number' },
  opened: downward,
  heard: { ...downward, text: 'string', mark: 'number' },
  over: { ...downward, code: 'number', reason: 'string' },
}
const upward = { to: 'string', number: 'number' } as const
const upwards: Table = {
  said: { ...upward, text: 'string' },
  read: { ...upward, mark: 'number' },
  left: upward,
}

/** Reads what was posted; undefined where it is none of the table. */
function reader<Message>(table: Table): (data: unknown) => Message | undefined {
  return (data) => {
    const message = data as Readonly<Record<string, unknown>> | null | undefined
    const type = message?.type
    const row = typeof type === 'string' && Object.hasOwn(table, type) ? table[type] : undefined
    const isRight = row && Object.entries(row).every(([name, kind]) => typeof message?.[name] === kind)
    // Every field of its row has been looked at.
    return isRight ? (message as Message) : undefined
  }
}

export const readCall = reader<Call>(calls)
export const readDownward = reader<Downward>(downwards)
export const readUpward = reader<Upward>(upwards)
