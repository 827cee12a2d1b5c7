// Doubles of the ports, for the tests of Tidings itself and of the applications that use it.

export { FakeBroadcast } from './fake-broadcast.ts'
export { FakeBrowser, FakeTab } from './fake-browser.ts'
export { FakeLocks } from './fake-locks.ts'
export { naming, seededChance } from './seeded-chance.ts'
export { type SocketPair, socketPair } from './socket-pair.ts'
export { quiet, VirtualClock } from './virtual-clock.ts'
