// The door of the mock on a port, for Node: what `tidings mock` runs, and what tests start that drive a browser.

export { type MockServer, type MockServerOptions, startMockServer } from './mock-server/mock-server.ts'
