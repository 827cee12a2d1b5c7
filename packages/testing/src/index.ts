// For the tests of applications: time that stands still, chance that repeats itself, sockets without a network. The
// suite that proves a broker has a door of its own, since it needs Vitest.

export { type SocketPair, seededChance, socketPair, VirtualClock } from '@tidings/core/testing'
