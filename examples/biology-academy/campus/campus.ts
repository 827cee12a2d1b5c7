// An academy that goes on by itself: somebody studies, groups meet, something is written, systems are checked. Says what
// comes next; who hears of it is somebody else's business. The server's learners, the plain server and the mock use it.

import type {
  CollaborativeSession,
  NotificationMessage,
  Participant,
  StudyMetrics,
  SystemStatus,
} from '../contract.ts'
import { news } from './news.ts'
import { topics } from './topics.ts'

/** 0 (included) to 1 (excluded). */
type Fraction = () => number

const MINUTE_MS = 60_000
const MOST_IN_A_GROUP = 6
/** A session under way becomes another one after so many minutes. */
const LONGEST_MINUTES = 50

const classmates: readonly Pick<Participant, 'userId' | 'userName'>[] = [
  'Amara Okafor',
  'Jonas Lindqvist',
  'Mei Tanaka',
  'Sofia Reyes',
  'Tomasz Nowak',
  'Leila Haddad',
  'Daniel Osei',
  'Rafael Costa',
  'Hannah Weiss',
  'Kenji Mori',
  'Aoife Brennan',
  'Zainab Bello',
].map((userName) => ({ userId: userName.toLowerCase().replace(/\W+/g, '-'), userName }))

export class Campus {
  readonly #fraction: Fraction
  readonly #groups = new Map<string, readonly Participant[]>()
  #meetings = 0
  #checks = 0
  #written = 0

  constructor(fraction: Fraction = Math.random) {
    this.#fraction = fraction
  }

  /** A minute later. */
  metrics(userId: string, before: StudyMetrics | undefined): StudyMetrics {
    if (!before) {
      const currentTopic = this.#pick(topics).title
      return { userId, studyHours: 37.4, progress: 58.2, currentTopic, sessionDuration: 4, streak: 12 }
    }
    const { happenedAt, ...last } = before
    const isOver = before.sessionDuration >= LONGEST_MINUTES
    return {
      ...last,
      studyHours: rounded(before.studyHours + 1 / 60, 3),
      // What is left becomes less, and never nothing.
      progress: rounded(before.progress + (100 - before.progress) * 0.012 * this.#fraction(), 2),
      currentTopic: isOver || !before.currentTopic ? this.#pick(topics).title : before.currentTopic,
      sessionDuration: isOver ? 1 : before.sessionDuration + 1,
    }
  }

  /** The next group, somebody having come or gone; `guests` are people who really are there. */
  session(
    now: number,
    guests: readonly (Participant & { readonly topic?: string | undefined })[] = [],
  ): CollaborativeSession {
    const { title } = topics[this.#meetings++ % topics.length] as (typeof topics)[number]
    return this.sessionOn(title, now, guests)
  }

  sessionOn(
    topic: string,
    now: number,
    guests: readonly (Participant & { readonly topic?: string | undefined })[] = [],
  ): CollaborativeSession {
    const group = this.#changed(this.#groups.get(topic) ?? [], now)
    this.#groups.set(topic, group)
    const here = guests
      .filter((guest) => guest.topic === topic)
      .map(({ userId, userName, joinedAt }) => ({ userId, userName, joinedAt }))
    const participants = [...here, ...group]
    return { sessionId: idOf(topic), topic, participants, activeUsers: participants.length }
  }

  notification(now: number): NotificationMessage {
    const n = this.#written++
    return { ...(news[n % news.length] as (typeof news)[number]), id: `${now.toString(36)}-${n}` }
  }

  /** All is well mostly: now and then the cache has a few bad minutes, and once in a while the store is moved. */
  status(now: number): SystemStatus {
    const n = this.#checks++
    const isMoving = n % 60 >= 44 && n % 60 < 47
    const isCacheDown = !isMoving && n % 20 >= 12 && n % 20 < 14
    return {
      status: isMoving ? 'maintenance' : isCacheDown ? 'degraded' : 'operational',
      services: { api: true, database: true, cache: !isCacheDown, storage: !isMoving },
      uptime: rounded(99.96 + 0.02 * Math.sin(n / 7), 3),
      lastCheck: now,
    }
  }

  #changed(group: readonly Participant[], now: number): readonly Participant[] {
    if (group.length === 0) return this.#joined(this.#joined(this.#joined([], now), now), now)
    const chance = this.#fraction()
    if (chance < 0.35 && group.length < MOST_IN_A_GROUP) return this.#joined(group, now)
    if (chance < 0.55 && group.length > 2) return group.slice(1)
    return group
  }

  #joined(group: readonly Participant[], now: number): readonly Participant[] {
    const busy = new Set(
      [...this.#groups.values(), group].flatMap((each) => each.map(({ userId }) => userId)),
    )
    const free = classmates.filter(({ userId }) => !busy.has(userId))
    const candidates =
      free.length > 0
        ? free
        : classmates.filter(({ userId }) => !group.some((each) => each.userId === userId))
    const joinedAt = now - Math.floor(this.#fraction() * 25) * MINUTE_MS
    return [...group, { ...this.#pick(candidates), joinedAt }]
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#fraction() * list.length)] as T
  }
}

export const idOf = (topic: string) => topic.toLowerCase().replace(/\W+/g, '-')

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
