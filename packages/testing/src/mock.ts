// The door of the mock: a Tidings server in memory, for pages without a backend and tests without a network. Everything
// behind it runs in a browser.

export type { Draw } from './mock/draw.ts'
export { type Fault, faultTable, isFault, isLasting, type LastingFault } from './mock/faults.ts'
export { createMock, type Mock, type MockedClientOptions } from './mock/mock.ts'
export type { MockOptions } from './mock/options.ts'
export type { Generators, ToJsonSchema } from './mock/samples.ts'
export type { Person } from './mock/words.ts'
