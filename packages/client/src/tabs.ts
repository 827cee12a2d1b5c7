// What the tabs of a browser have in common: one connection, and effects that happen once.

export { type OncePerPerson, type OncePerPersonOptions, oncePerPerson } from './tabs/once-per-person.ts'
export type { Attention, Broadcast, Browser, Locks } from './tabs/ports.ts'
export { type SharedDial, type SharedDialOptions, sharedDial } from './tabs/shared-dial.ts'
