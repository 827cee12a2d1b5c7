// Who studies what: the groups that are told of, and the people who are really there, as one list.

import { useChannelState, usePresence } from '@tidings/react'
import type { Person } from '@tidings/ui/presence-avatars'
import { useMemo } from 'react'
import { topics } from '../campus/topics.ts'
import { type StudySessions, studySessions } from '../contract.ts'
import { useAcademy } from './academy.tsx'

export interface Group {
  readonly topic: string
  readonly unit: string
  readonly about: string
  /** The learner comes first. */
  readonly people: readonly Person[]
  readonly isMine: boolean
}

export interface Groups {
  /** In the order of the course; undefined: on their way. */
  readonly groups: readonly Group[] | undefined
  /** One's own beginning that still waits for a connection. */
  readonly isStartPending: boolean
}

export function useGroups(): Groups {
  const { source, learner, shownName, topic: mine } = useAcademy()
  const state = useChannelState(studySessions())
  const { members } = usePresence(source === 'plain' ? null : studySessions())
  return useMemo(() => {
    const { userId } = learner
    const isStartPending = state?.starts.some((start) => start.isPending && start.userId === userId) ?? false
    const present = members.map(({ state }) => state)
    const groups =
      state &&
      topics.map(({ title: topic, unit, about }): Group => {
        const people = new Map<string, Person>()
        if (topic === mine) people.set(userId, { id: userId, name: shownName })
        for (const each of present)
          if (each.topic === topic && each.userId !== userId)
            people.set(each.userId, { id: each.userId, name: each.userName })
        // Who has left is told of for a while; oneself one knows better.
        for (const each of participantsOf(state, topic))
          if (each.userId !== userId && !people.has(each.userId) && !hasLeft(each.userId, present))
            people.set(each.userId, { id: each.userId, name: each.userName, imageUrl: each.avatarUrl })
        return { topic, unit, about, people: [...people.values()], isMine: topic === mine }
      })
    return { groups, isStartPending }
  }, [state, members, learner, shownName, mine])
}

function participantsOf({ sessions }: StudySessions, topic: string) {
  return sessions.find((session) => session.topic === topic)?.participants ?? []
}

/** A real visitor, who is no longer in any group or has gone to another one. */
function hasLeft(userId: string, present: readonly { readonly userId: string }[]): boolean {
  return userId.startsWith('learner-') || present.some((each) => each.userId === userId)
}
