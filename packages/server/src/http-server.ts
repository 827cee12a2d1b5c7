// A node:http server whose bounds fit the open internet: the platform's own let a silent peer hold a socket for a
// minute or more.

import { createServer, type Server } from 'node:http'

/** For `TidingsServer.attach`. Add request listeners of your own for everything that is not Tidings'. */
export function createHttpServer(): Server {
  const server = createServer({
    // From the first byte, or from the connection, to the last header; then to the last byte of the body.
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 1_000,
    // Longer than load balancers commonly keep an idle connection, so that they close it first, and never into a request.
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
    // Everything else that is offered (HTTP/2 in clear, say) may be answered in HTTP/1.1.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  }) // A peer that takes nothing of its answer. Event streams beat far more often, and WebSockets look after themselves.
  server.timeout = 120_000
  return server
}
