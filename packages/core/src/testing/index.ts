// Doubles of the ports, for the tests of Tidings itself and of the applications that use it.

export { seededChance } from './seeded-chance.ts'
export { socketPair, type SocketPair } from './socket-pair.ts'
export { quiet, VirtualClock } from './virtual-clock.ts'
