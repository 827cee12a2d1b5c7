// The backend that Career Copilot had: plain JSON over WebSocket at /ws, `{ type, data }` down and `{ event, data }` up,
// and nothing that it remembers. It pings, and passes what pages say on to the others. The pages and the API are the
// site's, behind the same address.

import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

const PING_MS = 500

export class PlainBackend {
  readonly #http: Server
  readonly #sockets: WebSocketServer
  readonly #pinging: NodeJS.Timeout
  /** What pages have said, oldest first. */
  readonly heard: { readonly event: string; readonly data: unknown }[] = []

  private constructor(sitePort: number) {
    this.#http = createServer((asked, response) => {
      const { url: path, method, headers } = asked
      const passed = request({ host: '127.0.0.1', port: sitePort, path, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      passed.on('error', () => response.destroy())
      asked.pipe(passed)
    })
    this.#sockets = new WebSocketServer({ server: this.#http, path: '/ws' })
    this.#sockets.on('connection', (socket) => this.#serve(socket))
    this.#pinging = setInterval(() => this.say('ping', {}), PING_MS)
  }

  static async start(sitePort: number): Promise<PlainBackend> {
    const backend = new PlainBackend(sitePort)
    await new Promise<void>((resolve) => backend.#http.listen(0, '127.0.0.1', resolve))
    return backend
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  say(type: string, data: unknown): void {
    for (const socket of this.#sockets.clients) socket.send(JSON.stringify({ type, data }))
  }

  /** As it is, whatever it is. */
  sayRaw(text: string): void {
    for (const socket of this.#sockets.clients) socket.send(text)
  }

  /** Ends every connection; pages may come back. */
  drop(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
  }

  close(): void {
    clearInterval(this.#pinging)
    this.drop()
    this.#http.close()
    this.#http.closeAllConnections()
  }

  #serve(socket: WebSocket): void {
    socket.on('message', (raw) => {
      const message = JSON.parse(String(raw)) as { event?: string; type?: string; data?: unknown }
      const event = message.event ?? message.type ?? ''
      this.heard.push({ event, data: message.data })
      if (event !== 'pong' && event !== 'ping') this.say(event, message.data)
    })
  }
}
