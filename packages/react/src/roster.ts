// Who is in a channel, as this client sees it: itself, and the others. No React in here.

import type { Client, Member, Presence, Source } from '@tidings/client'

export interface PresenceView<State> extends Presence<State> {
  /** This client, once it has entered; undefined before, and where only totals are sent. */
  readonly self: Member<State> | undefined
  /** Everybody but this client. */
  readonly others: readonly Member<State>[]
}

export const NOBODY: PresenceView<never> = {
  total: 0,
  members: [],
  isComplete: false,
  self: undefined,
  others: [],
}

/** The channel's presence with `self` told apart. The client's own name is remembered while the connection is away. */
export function rosterOf<State>(
  client: Client,
  presence: Source<Presence<State>>,
): Source<PresenceView<State>> {
  let you: string | undefined
  let from: Presence<State> | undefined
  let view: PresenceView<State> = NOBODY
  return {
    get() {
      const connection = client.connection.get()
      if (connection.status === 'connected') you = connection.you
      const now = presence.get()
      if (now !== from) {
        const { members } = now
        const isYou = ({ id }: Member<State>) => id === you
        view = { ...now, self: members.find(isYou), others: members.filter((member) => !isYou(member)) }
        from = now
      }
      return view
    },
    // The server tells a client its name before it tells who is here: the name alone changes nothing.
    subscribe: presence.subscribe,
  }
}
