// What stands in the specimens: believable, near today, and as long, as foreign and as much as real content gets.

import type { Activity } from '@tidings/ui/activity-feed'
import type { Notification } from '@tidings/ui/notification-center'
import type { Person } from '@tidings/ui/presence-avatars'
import type { View } from './view.ts'

const MINUTE_MS = 60_000
export const now = Date.now()
const ago = (minutes: number) => now - minutes * MINUTE_MS

export const categories = [
  { id: 'jobs', name: 'Job alerts' },
  { id: 'applications', name: 'Applications' },
  { id: 'mentions', name: 'Mentions' },
  { id: 'system', name: 'System' },
]

const usualNotifications: readonly Notification[] = [
  {
    id: 'n1',
    at: ago(2),
    title: 'Offer from Nordlys Energi',
    description: 'Grid analyst, Trondheim. The offer is open until Friday, 28 November.',
    category: 'applications',
    isRead: false,
    variant: 'success',
  },
  {
    id: 'n2',
    at: ago(26),
    title: '92 % match: Hydrology data engineer',
    description: 'Waterschap Rijnland, Leiden · hybrid · posted today',
    category: 'jobs',
    isRead: false,
    variant: 'primary',
  },
  {
    id: 'n3',
    at: ago(140),
    // A name in a sentence is isolated, so that it does not turn the sentence around.
    title: '\u2068עדי ברקוביץ\u2069 mentioned you',
    description: '“Could you look at the second paragraph before it goes out on Monday?”',
    category: 'mentions',
    isRead: true,
    variant: 'info',
  },
  {
    id: 'n4',
    at: ago(24 * 60 + 35),
    title: 'Application declined: Maple & Harrow',
    description: 'They have chosen somebody with more years in claims. Your notes are kept.',
    category: 'applications',
    isRead: true,
    variant: 'error',
  },
  {
    id: 'n5',
    at: ago(26 * 60),
    title: 'Maintenance on Sunday, 06:00 to 06:30',
    category: 'system',
    isRead: true,
    variant: 'warning',
  },
]

const roles = [
  'Reliability engineer',
  'Technical writer',
  'Lab data manager',
  'Route planner',
  'Service designer',
  'Actuary',
]
const places = ['Graz', 'Coimbra', 'Aarhus', 'Gdańsk', 'Cork', 'Turku', 'Bergamo']

const muchNotifications: readonly Notification[] = Array.from({ length: 10_000 }, (_, i) => ({
  id: `m${i}`,
  at: ago(3 + i * 11),
  title: `${70 + ((i * 7) % 29)} % match: ${roles[i % roles.length]}`,
  description: `${places[i % places.length]} · ${i % 3 === 0 ? 'remote' : 'on site'}`,
  category: 'jobs',
  isRead: i >= 128,
  variant: 'primary' as const,
}))

const LONG_NAME = 'Maria-Theresia Aurelia von Wolkenstein-Hohenfels und zu Rabenau'

const usualActivities: readonly Activity[] = [
  { id: 'a1', at: ago(1), actor: 'Priya Raman', content: 'moved “Cut churn in the first month” to Active' },
  {
    id: 'a2',
    at: ago(9),
    actor: 'Tomás Ferreira',
    content: 'added a reading: 4.2 %',
    detail: 'Churn, weekly. The target is 3.5 %.',
  },
  {
    id: 'a3',
    at: ago(48),
    content: 'Action “Rewrite the welcome letter” is complete',
    variant: 'success',
  },
  {
    id: 'a4',
    at: ago(31 * 60),
    actor: 'נועה לוי',
    content: 'raised an issue: “Trial accounts are counted twice”',
  },
  {
    id: 'a5',
    at: ago(33 * 60),
    content: 'The measure “Support backlog” has had no reading for two weeks',
    variant: 'warning',
  },
]

const actors = ['Priya Raman', 'Tomás Ferreira', LONG_NAME, 'نادية الحسيني', 'Ingrid Solberg']
const muchActivities: readonly Activity[] = Array.from({ length: 10_000 }, (_, i) => ({
  id: `b${i}`,
  at: ago(1 + i * 17),
  actor: actors[i % actors.length],
  content: `set the progress of “${roles[i % roles.length]} onboarding” to ${(i * 13) % 100} %`,
}))

const given = ['Jonas', 'Amina', 'Wei', 'Soledad', 'Kofi']
const family = ['Lindgren', 'Okafor', 'Zhang', 'Iturbe', 'Mensah', 'Brandt', 'Costa']
const usualPeople: readonly Person[] = [
  { id: 'p1', name: 'Priya Raman' },
  { id: 'p2', name: 'Tomás Ferreira' },
  { id: 'p3', name: 'נועה לוי', status: 'idle' },
  { id: 'p4', name: 'Ingrid Solberg', status: 'away' },
]
const muchPeople: readonly Person[] = [
  { id: 'q0', name: LONG_NAME },
  ...usualPeople,
  ...Array.from({ length: 123 }, (_, i) => ({
    id: `q${i + 1}`,
    name: `${given[i % given.length]} ${family[i % family.length]}`,
  })),
]

export interface Content {
  readonly notifications: readonly Notification[]
  readonly activities: readonly Activity[]
  readonly people: readonly Person[]
  readonly count: number
}

export const contents: Readonly<Record<View['content'], Content>> = {
  none: { notifications: [], activities: [], people: [], count: 0 },
  usual: { notifications: usualNotifications, activities: usualActivities, people: usualPeople, count: 3 },
  much: { notifications: muchNotifications, activities: muchActivities, people: muchPeople, count: 128 },
}
